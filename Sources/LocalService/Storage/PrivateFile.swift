import FoundationEssentials
import Glibc
import SystemIO

/// Files that only their owner may read.
enum PrivateFile {
    /// Writes a whole new file with mode 0600 (`open`, `write`, `fsync`, `rename`).
    static func write(_ data: Data, to path: String) throws(FileError) {
        let part = try PartFile(in: Path.parent(of: path))
        try data.bytes.withUnsafeBytes { (bytes) throws(FileError) in try part.append(bytes) }
        try part.publish(as: path, flush: true)
    }
}

/// A file under a temporary name, readable for its owner only; removed unless it is published.
struct PartFile: ~Copyable {
    static let prefix = ".part-"

    private let path: String
    private let descriptor: Int32

    /// Makes the file (`open` with `O_EXCL`).
    init(in folder: String) throws(FileError) {
        path = "\(folder)/\(Self.prefix)\(RandomText.hexadecimal(bytes: 8))"
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(operation: "create", path: path, code: errno) }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// Writes at the end (`write`).
    borrowing func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count > 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else if errno != EINTR {
                throw FileError(operation: "write", path: path, code: errno)
            }
        }
    }

    /// Gives the file its name, over any older file (`rename`).
    ///
    /// Not flushed, it survives the end of the process at any moment, but not a power cut.
    consuming func publish(as name: String, flush: Bool) throws(FileError) {
        if flush, fsync(descriptor) != 0 { throw FileError(operation: "flush", path: path, code: errno) }
        guard rename(path, name) == 0 else { throw FileError(operation: "rename", path: name, code: errno) }
        if flush { try Folder.flush(Path.parent(of: name)) }
    }
}
