import CLinux
import Glibc

/// Standard input, output and error.
public enum StandardStreams {
    /// Makes the process what this module counts on. To be called before anything is opened and any thread is started.
    public static func settle() {
        takeClosed()
        _ = FileAccess.mask
    }

    /// Takes the descriptors of those that whoever started the program has closed, lest a file of ours gets one of them
    /// and what is printed with it. Reading there, or writing, fails as before.
    private static func takeClosed() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) == -1 {
            // The lowest that is free is this one.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}

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
