import ClipModel

/// Reads the members of a YAML mapping one by one, reports each mistake and goes on; `finish` reports what nobody
/// asked for.
package struct MappingReader {
    package let mark: Mark
    package let collector: DiagnosticCollector
    private var members: [String: YAMLNode.Member] = [:]
    private var known: [String] = []

    /// `node` must be a mapping with plain names, each once; what is wrong with it is reported. An empty document
    /// is an empty mapping.
    package init(_ node: YAMLNode, what: String, collector: DiagnosticCollector) {
        mark = node.mark
        self.collector = collector
        if node.isNull { return }
        guard case .mapping(let pairs) = node.content else {
            collector.report("\(what) must be a mapping (name: value), found \(node.found)", at: node.mark)
            return
        }
        for pair in pairs {
            guard let name = pair.key.text else {
                collector.report("a key must be a name, found \(pair.key.found)", at: pair.key.mark)
                continue
            }
            if let first = members[name] {
                collector.report("\"\(name)\" appears twice; first on line \(first.key.mark.line)", at: pair.key.mark)
            } else {
                members[name] = pair
            }
        }
    }

    /// The value of a member; nil where it is absent or null.
    package mutating func node(_ name: String) -> YAMLNode? {
        known.append(name)
        guard let member = members.removeValue(forKey: name), !member.value.isNull else { return nil }
        return member.value
    }

    /// The value of a member that must be there.
    package mutating func required(_ name: String, _ expected: String) -> YAMLNode? {
        let value = node(name)
        if value == nil { collector.report("\"\(name)\" is missing; expected \(expected)", at: mark) }
        return value
    }

    /// A member that `convert` understands, or else a mistake that says what was `expected`.
    package mutating func value<Value>(
        _ name: String, _ expected: String, _ convert: (YAMLNode) -> Value?
    ) -> Value? {
        node(name).flatMap { check($0, name, expected, convert) }
    }

    package func check<Value>(
        _ node: YAMLNode, _ name: String, _ expected: String, _ convert: (YAMLNode) -> Value?
    ) -> Value? {
        let value = convert(node)
        if value == nil { collector.report("\"\(name)\": expected \(expected), found \(node.found)", at: node.mark) }
        return value
    }

    package mutating func string(_ name: String, _ expected: String = "text") -> String? {
        value(name, expected, \.text)
    }

    package mutating func boolean(_ name: String) -> Bool? {
        value(name, "true or false", \.boolean)
    }

    package mutating func integer(_ name: String, in range: ClosedRange<Int64>, unit: String = "") -> Int64? {
        value(name, "a whole number from \(range.lowerBound) to \(range.upperBound)\(unit)") { node in
            node.integer.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// One of a few names, exactly as written.
    package mutating func choice<Value>(_ name: String, _ choices: [(String, Value)]) -> Value? {
        value(name, Self.list(choices.map(\.0))) { node in choices.first { $0.0 == node.text }?.1 }
    }

    /// One value or a list of values, each understood by `convert`.
    package mutating func list<Value>(
        _ name: String, of expected: String, _ convert: (YAMLNode) -> Value?
    ) -> [Value]? {
        guard let node = node(name) else { return nil }
        guard case .sequence(let items) = node.content else {
            return check(node, name, "\(expected), or a list of them", convert).map { [$0] }
        }
        return items.compactMap { check($0, name, expected, convert) }
    }

    /// Reports every member that was not asked for.
    package mutating func finish() {
        for (name, member) in members.sorted(by: { $0.value.key.mark < $1.value.key.mark }) {
            let guess = Suggestion.closest(to: name, among: known).map { "; did you mean \"\($0)\"?" }
            let hint = guess ?? "; known here: \(known.sorted().joined(separator: ", "))"
            collector.report("unknown key \"\(name)\"\(hint)", at: member.key.mark)
        }
        members = [:]
    }

    /// `a`, `a or b`, `a, b or c`.
    package static func list(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " or " + last
    }
}
