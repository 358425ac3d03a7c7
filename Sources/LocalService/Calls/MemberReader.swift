import ClipModel
import FoundationEssentials
import Support

/// Reads the members of a request's JSON object, and collects everything that is wrong with them.
struct MemberReader {
    private let members: [String: JSONValue]
    private(set) var problems: [String] = []

    /// Refuses what is not a JSON object.
    init(_ body: Data) throws(Refusal) {
        do throws(StrictJSON.Failure) {
            members = try StrictJSON.decode([String: JSONValue].self, from: body)
        } catch {
            guard case .syntax(let error) = error else { throw .badBody("the body is not a JSON object") }
            throw .badBody("the body is \(error)")
        }
    }

    var names: [String] { members.keys.sorted() }

    mutating func reject(_ problem: String) {
        problems.append(problem)
    }

    /// Throws all problems as one refusal.
    func check() throws(Refusal) {
        guard problems.isEmpty else { throw .badBody(problems.joined(separator: "; ")) }
    }

    mutating func string(_ name: some CodingKey) -> String? {
        switch member(name) {
        case nil: return nil
        case .string(let text): return text
        default: return rejected(name, "a string")
        }
    }

    mutating func strings(_ name: some CodingKey) -> [String]? {
        guard let value = member(name) else { return nil }
        guard case .array(let values) = value else { return rejected(name, "an array of strings") }
        let texts = values.compactMap { if case .string(let text) = $0 { text } else { nil } }
        guard texts.count == values.count else { return rejected(name, "an array of strings") }
        return texts
    }

    /// Nil for anything that is not an array.
    func array(_ name: some CodingKey) -> [JSONValue]? {
        if case .array(let values)? = member(name) { values } else { nil }
    }

    mutating func bool(_ name: some CodingKey) -> Bool? {
        switch member(name) {
        case nil: return nil
        case .boolean(let value): return value
        default: return rejected(name, "true or false")
        }
    }

    mutating func integer<Number: FixedWidthInteger>(_ name: some CodingKey, as type: Number.Type) -> Number? {
        guard let value = member(name) else { return nil }
        guard case .integer(let number) = value, let exact = Number(exactly: number) else {
            return rejected(name, "a whole number from \(Number.min) to \(Number.max)")
        }
        return exact
    }

    /// A listed value of an enumeration that isn't one of `invalid`.
    mutating func enumerator<Value: OpenEnumeration>(_ name: some CodingKey, except invalid: [Value] = [])
        -> Value?
    {
        guard let text = string(name) else { return nil }
        let value = Value(rawValue: text)
        guard value.isListed, !invalid.contains(value) else {
            let valid = Value.listed.filter { !invalid.contains($0) }.map(\.rawValue).joined(separator: ", ")
            reject("\(name.stringValue): \"\(text.prefix(40))\" is not one of \(valid)")
            return nil
        }
        return value
    }

    /// What is required but absent is a problem too.
    mutating func required<Value>(_ name: some CodingKey, _ value: Value?) -> Value? {
        if value == nil, member(name) == nil { reject("\(name.stringValue) is missing") }
        return value
    }

    /// The member; `null` counts as absent.
    func member(_ name: some CodingKey) -> JSONValue? {
        let value = members[name.stringValue]
        return value == .null ? nil : value
    }

    private mutating func rejected<Value>(_ name: some CodingKey, _ expected: String) -> Value? {
        reject("\(name.stringValue) must be \(expected)")
        return nil
    }
}
