/// The version of clipship: of the program and of that which looks at media for it.
public enum Version {
    public static let current = "0.1.0"
}
