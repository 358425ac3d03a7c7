/// A JSON object whose members we name in its `CodingKeys`.
public protocol NamedMembers: Codable, Hashable, Sendable {
    associatedtype CodingKeys: CodingKey & CaseIterable
}

/// A JSON object of the services that may carry more members than the reference names; those are kept and written
/// back, so that reading and writing loses nothing.
@dynamicMemberLookup
public struct Open<Named: NamedMembers>: Hashable, Sendable {
    public var named: Named
    /// The members that `Named` does not name, as they came.
    public var others: [String: JSONValue]

    public init(_ named: Named, others: [String: JSONValue] = [:]) {
        self.named = named
        self.others = others
    }

    public subscript<Value>(dynamicMember member: WritableKeyPath<Named, Value>) -> Value {
        get { named[keyPath: member] }
        set { named[keyPath: member] = newValue }
    }

    public subscript<Value>(dynamicMember member: KeyPath<Named, Value>) -> Value {
        named[keyPath: member]
    }
}

extension Open: Codable {
    public init(from decoder: any Decoder) throws {
        named = try Named(from: decoder)
        let names = Set(Named.CodingKeys.allCases.map(\.stringValue))
        let container = try decoder.container(keyedBy: MemberName.self)
        others = [:]
        for name in container.allKeys where !names.contains(name.stringValue) {
            others[name.stringValue] = try container.decode(JSONValue.self, forKey: name)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        try named.encode(to: encoder)
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
