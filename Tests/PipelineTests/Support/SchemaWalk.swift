import ClipModel
import Foundation
import TestSupport

/// The options that a JSON Schema describes, with values for each of them: its examples, its choices, the ends of its
/// range.
struct SchemaWalk {
    /// Where something is in a document: the names of members on the way, "0" for the first of a list.
    struct Place {
        var path: [String] = []
        /// By how many names lead there: all that a mapping may have, where it has several forms.
        var forms: [Int: Set<String>] = [:]

        func member(_ name: String) -> Place { Place(path: path + [name], forms: forms) }
    }

    struct Option {
        let place: Place
        var values: [JSONValue] = []
        /// Just outside of its range.
        var wrong: [JSONValue] = []

        mutating func take(_ new: [JSONValue]) { values += new.filter { !values.contains($0) } }
    }

    /// A mapping and the names that it may have.
    struct Section {
        let place: Place
        var names: Set<String>
    }

    /// By their paths, with points between the names.
    private(set) var options: [String: Option] = [:]
    private(set) var sections: [String: Section] = [:]
    /// Whole documents.
    let examples: [JSONValue]
    private let definitions: JSONValue

    init(_ schema: JSONValue) {
        definitions = schema["$defs"] ?? .null
        examples = schema["examples"]?.items ?? []
        var root = schema
        root["examples"] = nil
        walk(root, Place())
    }

    private mutating func walk(_ node: JSONValue, _ place: Place) {
        let key = place.path.joined(separator: ".")
        var option = options[key] ?? Option(place: place)
        option.take((node["examples"]?.items ?? []) + (node["enum"]?.items ?? []) + [node["const"]].compactMap(\.self))
        if node["type"] == "boolean" { option.take([true, false]) }
        if let least = node["minimum"]?.int64 {
            option.wrong.append(.integer(least - 1))
            if node["examples"] == nil { option.take([.integer(least)]) }
        }
        if let most = node["maximum"]?.int64 {
            option.wrong.append(.integer(most + 1))
            if node["examples"] == nil { option.take([.integer(most)]) }
        }
        if !option.values.isEmpty { options[key] = option }
        if let name = node["$ref"]?.text?.split(separator: "/").last { walk(definitions[String(name)] ?? .null, place) }
        for branch in node["anyOf"]?.items ?? [] {
            var place = place
            if let names = branch["properties"]?.names { place.forms[place.path.count] = names }
            walk(branch, place)
        }
        if let items = node["items"] { walk(items, place.member("0")) }
        guard case .object(let members)? = node["properties"] else { return }
        var section = sections[key] ?? Section(place: place, names: [])
        section.names.formUnion(members.keys)
        sections[key] = section
        for (name, member) in members { walk(member, place.member(name)) }
    }
}

extension JSONValue {
    subscript(name: String) -> JSONValue? {
        get { if case .object(let members) = self { members[name] } else { nil } }
        set {
            guard case .object(var members) = self else { return }
            members[name] = newValue
            self = .object(members)
        }
    }

    var items: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
    var names: Set<String>? { if case .object(let members) = self { Set(members.keys) } else { nil } }

    /// What stands at a place; nil for nothing.
    func value(at path: some Collection<String>) -> JSONValue? {
        guard let name = path.first else { return self }
        return (name == "0" ? items?.first : self[name])?.value(at: path.dropFirst())
    }

    /// The document with another value at a place, and with whatever has to be there for that.
    func with(_ value: JSONValue, at place: SchemaWalk.Place, depth: Int = 0) -> JSONValue {
        guard depth < place.path.count else { return value }
        let name = place.path[depth]
        guard name != "0" else {
            let items = items ?? []
            let first = (items.first ?? .null).with(value, at: place, depth: depth + 1)
            return .array([first] + items.dropFirst())
        }
        var members: [String: JSONValue] = if case .object(let members) = self { members } else { [:] }
        if let names = place.forms[depth] { members = members.filter { names.contains($0.key) } }
        members[name] = (members[name] ?? .null).with(value, at: place, depth: depth + 1)
        return .object(members)
    }
}
