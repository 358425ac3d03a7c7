import CLinux
import Glibc

/// The terminal behind a descriptor.
public enum Terminal {
    /// Columns, or nil where there is no terminal (`isatty`, `TIOCGWINSZ`).
    public static func columns(of descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        let columns = Int(clinux_terminal_columns(descriptor))
        return columns > 0 ? columns : 80
    }
}
