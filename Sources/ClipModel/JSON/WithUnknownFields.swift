/// A JSON object whose members we name in its `CodingKeys`.
public protocol KnownFields: Codable, Hashable, Sendable {
    associatedtype CodingKeys: CodingKey & CaseIterable
}

/// A JSON object of the services that may carry more members than the reference names; those are kept and written
/// back, so that reading and writing loses nothing.
@dynamicMemberLookup
public struct WithUnknownFields<Known: KnownFields>: Hashable, Sendable {
    public var known: Known
    /// The members that `Known` does not name, as they came.
    public var others: [String: JSONValue]

    public init(_ known: Known, others: [String: JSONValue] = [:]) {
        self.known = known
        self.others = others
    }

    public subscript<Value>(dynamicMember member: WritableKeyPath<Known, Value>) -> Value {
        get { known[keyPath: member] }
        set { known[keyPath: member] = newValue }
    }

    public subscript<Value>(dynamicMember member: KeyPath<Known, Value>) -> Value {
        known[keyPath: member]
    }
}

extension WithUnknownFields: Codable {
    public init(from decoder: any Decoder) throws {
        known = try Known(from: decoder)
        let names = Set(Known.CodingKeys.allCases.map(\.stringValue))
        let container = try decoder.container(keyedBy: MemberName.self)
        others = [:]
        for name in container.allKeys where !names.contains(name.stringValue) {
            others[name.stringValue] = try container.decode(JSONValue.self, forKey: name)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        try known.encode(to: encoder)
        var container = encoder.container(keyedBy: MemberName.self)
        for (name, value) in others {
            try container.encode(value, forKey: MemberName(stringValue: name))
        }
    }
}

private struct MemberName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
