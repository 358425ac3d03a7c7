/// A value that a statement takes or a row holds.
public enum SQLiteValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

extension SQLiteValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral {
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(nilLiteral: ()) { self = .null }
}

extension SQLiteValue {
    public static func text(_ value: String?) -> Self { value.map { .text($0) } ?? .null }
    public static func integer(_ value: Int64?) -> Self { value.map { .integer($0) } ?? .null }
}
