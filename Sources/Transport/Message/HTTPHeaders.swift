/// Header fields in order; names compare without regard to case.
public struct HTTPHeaders: Hashable, Sendable {
    /// One field. Values are text as it stands on the wire.
    public struct Field: Hashable, Sendable {
        /// Compared without regard to case.
        public var name: String
        /// Without the blanks around it.
        public var value: String

        /// A field as given, unchecked.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// All fields in their order.
    public private(set) var fields: [Field]

    /// The fields as given.
    public init(_ fields: [Field] = []) {
        self.fields = fields
    }

    /// The value of the first field of that name; setting replaces all of them, nil removes them.
    public subscript(name: String) -> String? {
        get { fields.first { Self.same($0.name, name) }?.value }
        set {
            fields.removeAll { Self.same($0.name, name) }
            if let newValue { fields.append(Field(name: name, value: newValue)) }
        }
    }

    /// Adds a field behind the others, also if there is one of that name.
    public mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    private static func same(_ a: String, _ b: String) -> Bool {
        a.utf8.count == b.utf8.count && a.lowercased() == b.lowercased()
    }

    /// Whether every name is a token of RFC 9110 and no value could end its line.
    var areWellFormed: Bool {
        fields.allSatisfy { field in
            !field.name.isEmpty && field.name.utf8.allSatisfy(Self.isTokenByte)
                && field.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
        }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    /// The fields in the order of the literal.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }
}

extension HTTPHeaders: CustomStringConvertible {
    /// The fields with `Authorization` masked, for logs.
    public var description: String {
        fields.map { "\($0.name): \(Self.same($0.name, "Authorization") ? "***" : $0.value)" }
            .joined(separator: "\n")
    }
}

extension HTTPHeaders: CustomDebugStringConvertible, CustomReflectable {
    /// As `description`.
    public var debugDescription: String { description }
    /// Without the values, so that `dump` shows no secret either.
    public var customMirror: Mirror { Mirror(self, children: ["fields": description]) }
}
