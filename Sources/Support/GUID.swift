import FoundationEssentials

/// A GUID as text, as service configuration ids and clips' ids are.
public enum GUID {
    /// Whether `text` is 8-4-4-4-12 hexadecimal digits, in either case (`UUID(uuidString:)`).
    public static func isValid(_ text: String) -> Bool { UUID(uuidString: text) != nil }
}
