/// The version of clipship: of the program and of that which looks at media for it.
public enum Version {
    public static let current = "0.2.0"
    /// When what this version's manual pages say was last changed.
    public static let date = "2026-11-26"
}
