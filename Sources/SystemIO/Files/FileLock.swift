import Dispatch
import Glibc

/// Holds a lock on a file for as long as it lives; the kernel lets go of it when the process ends, however it ends
/// (`flock`).
///
/// On a disk that machines share (`SharedDisk`), and where the file system knows no locks, a file beside it says who has it.
public struct FileLock: ~Copyable, Sendable {
    private let descriptor: Int32
    /// Nil where the lock is enough.
    private let sign: LockSign?

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
        let isLocked: Bool
        do throws(FileLockError) {
            isLocked = try Self.lock(opened, path)
            sign =
                isLocked && SharedDisk.name(of: path) == nil
                ? nil : try LockSign(of: path, holder: holder, isLocked: isLocked)
        } catch {
            // Lets go of the lock, too.
            close(opened)
            throw error
        }
        descriptor = opened
        ftruncate(descriptor, 0)
        var text = holder
        text.withUTF8 { _ = pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    /// False where the file system knows no locks.
    private static func lock(_ descriptor: Int32, _ path: String) throws(FileLockError) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        switch errno {
        case EWOULDBLOCK:
            let holder = withUnsafeTemporaryAllocation(byteCount: 200, alignment: 1) { buffer in
                let count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
                return String(decoding: buffer.prefix(count), as: UTF8.self)
            }
            throw .held(by: holder)
        // Not even on the way to whoever keeps the locks of this disk.
        case ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL: return false
        default: throw .file(FileError(operation: "lock", path: path))
        }
    }

    /// Takes away what says on disks that machines share which locks this process has. To be called before `_exit`, after which
    /// nothing else does. Waits for so many seconds at most: the disk may be away.
    public static func removeSigns(within seconds: Int) {
        let done = DispatchSemaphore(value: 0)
        Blocking.start("unlock") {
            LockSign.removeAll()
            done.signal()
        }
        _ = done.wait(timeout: .now() + .seconds(seconds))
    }

    deinit {
        sign?.remove()
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
