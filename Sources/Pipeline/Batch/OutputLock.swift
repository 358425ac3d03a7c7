import ClipModel
import Glibc
import SystemIO

/// Keeps other runs out of an output folder for as long as it is there.
final class OutputLock: Sendable {
    private let lock: FileLock

    /// - Throws: `RunError.outputInUse` while somebody else is at work there.
    init(_ output: OutputFolder) throws(RunError) {
        do throws(FileLockError) {
            lock = try FileLock(
                output.lock, holder: "process \(getpid()) since \(Timestamp(seconds: Int64(time(nil))))")
        } catch {
            switch error {
            case .held(let holder): throw .outputInUse(folder: output.path, holder: holder)
            case .file(let error): throw .file(error)
            case .digest(let error): throw .stopped(ClipFailure(error))
            }
        }
    }
}
