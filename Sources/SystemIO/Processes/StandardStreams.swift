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
