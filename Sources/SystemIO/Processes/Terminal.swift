import CLinux
import Glibc

/// The terminal behind a descriptor.
public enum Terminal {
    /// Columns and lines, both more than 0.
    public struct Size: Hashable, Sendable {
        public var columns: Int
        public var lines: Int

        public init(columns: Int, lines: Int) {
            self.columns = columns
            self.lines = lines
        }
    }

    /// Nil where there is no terminal (`isatty`, `TIOCGWINSZ`); 80 by 24 where it does not know.
    public static func size(of descriptor: Int32) -> Size? {
        guard isatty(descriptor) == 1 else { return nil }
        var (columns, lines): (Int32, Int32) = (0, 0)
        clinux_terminal_size(descriptor, &columns, &lines)
        return Size(columns: columns > 0 ? Int(columns) : 80, lines: lines > 0 ? Int(lines) : 24)
    }

    /// Whether this process is one of those that the terminal's keys are for (`tcgetpgrp`); also where nobody decides
    /// that.
    public static func isInForeground(of descriptor: Int32) -> Bool {
        let group = tcgetpgrp(descriptor)
        return group < 0 || group == getpgrp()
    }
}
