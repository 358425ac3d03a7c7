import CSQLite
import Glibc
import SystemIO

/// Keeps others away from a database on a disk that machines share, as long as it lives.
final class SharedGuard: Sendable {
    private let lock: FileLock

    /// What SQLite calls its way to files without locks of its own (`sqlite3_vfs`).
    static let system = "unix-none"

    /// - Parameter waits: For others, as long as SQLite does.
    /// - Throws: `SQLiteError` with `isBusy`, or with the system's own number.
    init(_ path: String, waits: Bool) throws(SQLiteError) {
        let end = ContinuousClock.now + .seconds(waits ? 5 : 0)
        while true {
            do throws(FileLockError) {
                lock = try FileLock("\(path)-lock", holder: "process \(getpid())")
                return
            } catch {
                switch error {
                case .held(let holder):
                    guard ContinuousClock.now < end else { throw SQLiteError(busy: path, holder: holder) }
                    usleep(50_000)
                case .file(let error): throw SQLiteError(error, of: path)
                case .digest: throw SQLiteError(FileError(operation: "lock", path: path, code: EIO), of: path)
                }
            }
        }
    }
}
