import Glibc

/// Holds a lock on a file for as long as it lives; the kernel lets go of it when the process ends, however it ends
/// (`flock`).
public struct FileLock: ~Copyable, Sendable {
    private let descriptor: Int32

    /// Takes the lock and writes `holder` into the file for others to read.
    ///
    /// - Throws: `FileLockError.held` at once if another process has it.
    public init(_ path: String, holder: String) throws(FileLockError) {
        let opened: Int32
        do throws(FileError) {
            opened = try check("open", path) {
                Path.withBytes(path) { open($0, O_RDWR | O_CREAT | O_CLOEXEC, 0o644) }
            }
        } catch {
            throw .file(error)
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else {
                let error = FileError(operation: "lock", path: path)
                close(opened)
                throw .file(error)
            }
            let holder = withUnsafeTemporaryAllocation(byteCount: 200, alignment: 1) { buffer in
                let count = max(0, pread(opened, buffer.baseAddress, buffer.count, 0))
                return String(decoding: buffer.prefix(count), as: UTF8.self)
            }
            close(opened)
            throw .held(by: holder)
        }
        descriptor = opened
        ftruncate(descriptor, 0)
        var text = holder
        text.withUTF8 { _ = pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    deinit {
        // A child process that was being started at this moment may still have the descriptor: closing is not enough.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}

/// Why a lock can't be had.
public enum FileLockError: Error, Hashable, Sendable {
    case held(by: String)
    case file(FileError)
    /// The file that is to be locked can't be named.
    case digest(DigestError)
}
