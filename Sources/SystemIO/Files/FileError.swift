import Glibc

/// A file operation that failed.
public struct FileError: Error, Hashable, Sendable {
    /// What was being done, as a verb: `open`, `read`, `rename`, ...
    public let operation: String
    public let path: String
    /// The C library's error number.
    public let code: Int32

    public init(operation: String, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    public var isNotFound: Bool { code == ENOENT || code == ENOTDIR || code == Self.danglingLink }

    /// Whether the same call may succeed later although nobody has mended anything that concerns it.
    public var isTemporary: Bool { Errno(code).isTemporary }

    /// The `code` of what is no regular file and no folder; the C library has none.
    public static let notRegular: Int32 = -1

    /// The `code` of a file that is not below the folder that it has to be in.
    public static let outside: Int32 = -2

    /// The `code` of a symbolic link to something that is not there.
    public static let danglingLink: Int32 = -3

    /// The same error, which tells a link that leads nowhere from a name that is not there.
    var lookingAtLinks: FileError {
        var info = stat()
        guard code == ENOENT, Path.withBytes(path, { lstat($0, &info) }) == 0, info.st_mode & S_IFMT == S_IFLNK else {
            return self
        }
        return FileError(operation: operation, path: path, code: Self.danglingLink)
    }

    /// What `code` means.
    public var reason: String {
        if code == Self.notRegular { return "it is not a regular file" }
        if code == Self.outside {
            return "it is outside of the folder that it should be in; --follow-links allows that"
        }
        if code == Self.danglingLink { return "it is a symbolic link to something that is not there" }
        return Errno(code).description
    }
}

extension FileError {
    /// With the error number that the last C call left.
    init(operation: String, path: String) {
        self.init(operation: operation, path: path, code: Errno.last.code)
    }
}

extension FileError: CustomStringConvertible {
    /// With the path as a person would name it.
    public var description: String { "can't \(operation) \(Path.shown(path)): \(reason)" }
}

/// Turns a C return code of -1 into `FileError`; a call interrupted by a signal is made again.
@discardableResult
func check<Code: SignedInteger>(
    _ operation: String, _ path: String, _ call: () -> Code
) throws(FileError) -> Code {
    Blocking.note("\(operation) \(path)")
    while true {
        let code = call()
        if code != -1 { return code }
        if errno != EINTR { throw FileError(operation: operation, path: path) }
    }
}
