import FoundationEssentials
import Glibc

/// A file that comes in pieces, perhaps over several runs: under a temporary name beside its own until it is whole, and
/// locked against another process that fetches the same.
public final class PartialFile: Sendable {
    private let path: String
    private let temporary: String
    private let descriptor: Int32
    private let written: Locked<Int64>

    /// Opens what an earlier run has left, or an empty file (`open` with `O_CREAT`, `flock`).
    ///
    /// - Parameter tag: What is being fetched: another tag is another file.
    public init(for path: String, tag: String) throws(FileLockError) {
        let digest: String
        do throws(DigestError) {
            digest = try SHA256Hasher.digest(of: Data(tag.utf8).bytes).description
        } catch {
            throw .digest(error)
        }
        let folder = Path.parent(of: path)
        self.path = path
        temporary = "\(folder)/.\(Path.name(of: path)).\(digest.prefix(16)).part"
        let temporary = temporary
        do throws(FileError) {
            descriptor = try check("write", temporary) {
                Path.withBytes(temporary) { open($0, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
            }
        } catch {
            throw .file(FileError(operation: "write", path: path, code: error.code))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            throw code == EWOULDBLOCK
                ? .held(by: "another process") : .file(FileError(operation: "lock", path: path, code: code))
        }
        var (ours, there) = (stat(), stat())
        // Between opening and locking, whoever had it may have finished it and given it its name.
        guard fstat(descriptor, &ours) == 0, Path.withBytes(temporary, { stat($0, &there) }) == 0,
            ours.st_ino == there.st_ino
        else {
            close(descriptor)
            throw .held(by: "another process")
        }
        written = Locked(Int64(ours.st_size))
    }

    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Bytes that are there.
    public var size: Int64 { written.withLock { $0 } }

    /// Writes a piece at its place (`pwrite`).
    public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileError) {
        var rest = bytes[...]
        var place = offset
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let count = try check("write", path) { pwrite(descriptor, piece.baseAddress, piece.count, off_t(place)) }
            rest = rest.dropFirst(count)
            place += Int64(count)
        }
        let end = place
        written.withLock { $0 = max($0, end) }
    }

    /// Begins again (`ftruncate`).
    public func empty() throws(FileError) {
        try check("write", path) { ftruncate(descriptor, 0) }
        written.withLock { $0 = 0 }
    }

    /// Gives the file its name, over any older file (`fchmod`, `fsync`, `rename`, `fsync` of the folder).
    public func publish() throws(FileError) {
        try check("write", path) { fchmod(descriptor, FileAccess.everyone.mode) }
        try check("write", path) { fsync(descriptor) }
        try check("write", path) {
            Path.withBytes(temporary) { old in Path.withBytes(path) { rename(old, $0) } }
        }
        try Folder.flush(Path.parent(of: path))
    }
}
