import ClipModel
import FoundationEssentials

/// Manual pages of file formats from their JSON Schemas: a paragraph for each member, with its path, what it can be, and
/// what the schema says of it.
enum SchemaPage {
    /// `clipship-pipeline(5)` and `clipship-manifest(5)`, by their file names.
    static func all() throws -> [(name: String, text: String)] {
        [
            (
                "clipship-pipeline.5",
                try page(
                    "clipship-pipeline", "pipeline files of clipship", PackageResources.pipeline_schema_json,
                    "A pipeline is a YAML file that says where clips come from, what to make of them and where they go. "
                        + "Paths in it start at its folder.")
            ),
            (
                "clipship-manifest.5",
                try page(
                    "clipship-manifest", "manifests that clipship writes", PackageResources.manifest_schema_json,
                    "A manifest is a JSON file, one for each clip, with everything that an upload needs. Paths in it start "
                        + "at its folder.")
            ),
        ]
    }

    private static func page(_ name: String, _ summary: String, _ schema: [UInt8], _ about: String) throws -> String {
        guard case .object(let root) = try JSONDecoder().decode(JSONValue.self, from: Data(schema)) else {
            throw Failure("the schema of \(name) is no object", .someFailed)
        }
        var page = ManualPage.head(name, summary, section: 5)
        page += ".SH DESCRIPTION\n\(ManualPage.line(about)).SH MEMBERS\n"
        var writer = Writer(definitions: root["$defs"]?.members ?? [:])
        writer.members(of: root, at: "", depth: 0)
        page += writer.text
        return page + ".SH SEE ALSO\n.BR clipship (1)\n"
    }

    private struct Writer {
        let definitions: [String: JSONValue]
        var text = ""
        private var written: Set<String> = []

        init(definitions: [String: JSONValue]) { self.definitions = definitions }

        /// Deeper than any of the schemas is.
        private static let deepest = 8

        /// What a schema says together with what it refers to.
        private func resolved(_ schema: [String: JSONValue]) -> [String: JSONValue] {
            guard case .string(let reference)? = schema["$ref"], let name = reference.split(separator: "/").last,
                let definition = definitions[String(name)]?.members
            else { return schema }
            return resolved(definition).merging(schema.filter { $0.key != "$ref" }) { $1 }
        }

        private static func alternatives(_ schema: [String: JSONValue]) -> [[String: JSONValue]] {
            ["anyOf", "oneOf"].flatMap { schema[$0]?.items ?? [] }.compactMap(\.members)
        }

        mutating func members(of schema: [String: JSONValue], at path: String, depth: Int) {
            guard depth < Self.deepest else { return }
            let required = Set((schema["required"]?.items ?? []).compactMap(\.text))
            for (name, value) in (schema["properties"]?.members ?? [:]).sorted(by: { $0.key < $1.key }) {
                guard let member = value.members.map(resolved) else { continue }
                let full = path.isEmpty ? name : "\(path).\(name)"
                write(member, full, isRequired: required.contains(name))
                members(of: member, at: full, depth: depth + 1)
            }
            for other in Self.alternatives(schema) { members(of: resolved(other), at: path, depth: depth + 1) }
            if let items = schema["items"]?.members.map(resolved) {
                members(of: items, at: "\(path)[]", depth: depth + 1)
            }
        }

        private mutating func write(_ schema: [String: JSONValue], _ path: String, isRequired: Bool) {
            guard written.insert(path).inserted else { return }
            text += ".TP\n.B \(ManualPage.escaped(path))\n"
            var sentences: [String] = []
            if let description = schema["description"]?.text { sentences.append(description) }
            let kind = self.kind(of: schema)
            if !kind.isEmpty { sentences.append(kind.prefix(1).uppercased() + kind.dropFirst() + ".") }
            if let value = schema["default"] { sentences.append("Default: \(plain(value)).") }
            if isRequired { sentences.append("Required.") }
            if let example = schema["examples"]?.items?.first { sentences.append("Example: \(plain(example)).") }
            text += ManualPage.line(sentences.isEmpty ? "See the members below." : sentences.joined(separator: " "))
        }

        /// What a value can be, in words; empty for an object, whose members are told of by themselves.
        private func kind(of schema: [String: JSONValue]) -> String {
            if let value = schema["const"] { return "always \(plain(value))" }
            if let values = schema["enum"]?.items { return values.map(plain).joined(separator: ", ") }
            let others = Self.alternatives(schema).map { self.kind(of: resolved($0)) }.filter { !$0.isEmpty }
            if !others.isEmpty { return others.joined(separator: "; or ") }
            let names = [
                "string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
            ]
            let types = schema["type"]?.items?.compactMap(\.text) ?? schema["type"]?.text.map { [$0] } ?? []
            var words = types.compactMap { names[$0] }
            if types.contains("array") {
                let item = schema["items"]?.members.map { self.kind(of: resolved($0)) } ?? ""
                words.append(item.isEmpty ? "a list" : "a list of: \(item)")
            }
            var text = words.joined(separator: " or ")
            if let least = schema["minimum"], let most = schema["maximum"] {
                text += " from \(plain(least)) to \(plain(most))"
            }
            return text
        }

        private func plain(_ value: JSONValue) -> String {
            if case .string(let text) = value { return text }
            // What was read is written again.
            return (try? CanonicalJSON.line(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
    }
}

extension JSONValue {
    fileprivate var members: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
    fileprivate var items: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
}
