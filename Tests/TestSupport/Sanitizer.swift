import CLinux

/// Builds with the address or thread sanitizer, in which a worker runs without its system call filter and memory limit:
/// the sanitizer maps memory, reads files and writes reports in ways of its own.
public enum Sanitizer {
    public static let isOff = clinux_is_sanitized() == 0

    /// What a skipped test says.
    public static let liftsTheFilter = "a sanitizer's build has no system call filter and no memory limit"
}
