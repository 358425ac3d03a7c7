import CLinux
import Glibc

/// A private folder that is gone when the program is, in whichever way that ends: also by SIGKILL.
public final class TemporaryFolder: Sendable {
    /// Absolute; only its owner may look into it.
    public let path: String
    private let guardian: Locked<CleanupProcess?>

    /// A process that waits until ours has ended, and removes the folder then.
    private struct CleanupProcess: ~Copyable {
        let process: ChildProcess
        /// Closed by the system when our process ends.
        let alive: Int32

        deinit { close(alive) }
    }

    /// Makes the folder below `$TMPDIR` or `/tmp` (`mkdtemp`).
    ///
    /// - Parameter prefix: what its name begins with.
    public init(prefix: String) throws(FileError) {
        let parent = getenv("TMPDIR").map { Path.text($0) } ?? "/tmp"
        let folder = Path.absolute(parent.isEmpty ? "/tmp" : parent)
        var template = Path.bytes("\(folder)/\(prefix)-XXXXXX").map { CChar(bitPattern: $0) } + [0]
        guard mkdtemp(&template) != nil else {
            throw FileError(operation: "make a temporary folder in", path: parent)
        }
        path = Path.text(template.dropLast().map(UInt8.init(bitPattern:)))
        do throws(FileError) {
            guardian = Locked(try Self.guardian(of: path))
        } catch {
            Path.withBytes(path) { _ = rmdir($0) }
            throw error
        }
    }

    deinit {
        // The guardian is ended with us, before it has done so.
        try? Folder.removeTree(path)
    }

    /// Removes the folder with everything in it.
    public func remove() throws(FileError) {
        try Folder.removeTree(path)
        guardian.withLock { $0 = nil }
    }

    private static func guardian(of path: String) throws(FileError) -> CleanupProcess {
        var ends: [Int32] = [0, 0]
        guard clinux_pipe(&ends) == 0 else { throw FileError(operation: "watch over", path: path) }
        let (waiting, alive) = (ends[0], ends[1])
        defer { close(waiting) }
        let script = "cat <&3; rm -rf -- \"$0\""
        do throws(FileError) {
            let process = try ChildProcess(
                "/bin/sh", arguments: ["sh", "-c", script, path], environment: ["PATH": "/usr/bin:/bin"],
                descriptor: waiting)
            return CleanupProcess(process: process, alive: alive)
        } catch {
            close(alive)
            throw error
        }
    }
}
