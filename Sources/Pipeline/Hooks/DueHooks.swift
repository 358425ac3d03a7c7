import FoundationEssentials
import Glibc
import SystemIO

/// Which hooks a run owes, on disk (`hooks-due.json`): one that is killed in between, or whose commands fail, leaves them to
/// the next run.
struct DueHooks: Codable, Hashable {
    /// Names of the clips that `hooks.afterClip` is to be told of.
    var clips: Set<String> = []
    /// `hooks.afterRun` and `hooks.onFailure` are to be told of the run.
    var run = false

    init() {}

    private static let largest: Int64 = 64 << 20

    /// What an earlier run left; nothing where there is no such file.
    init(in output: OutputFolder) throws(FileError) {
        do throws(FileError) {
            let file = try OpenFile(output.dueHooks)
            let size = try file.identity().size
            guard size <= Self.largest else { return }
            let bytes = try file.bytes(in: 0..<size)
            // One that can't be read is not clipship's: the hooks of this run are told of this run.
            if let due = try? JSONDecoder().decode(Self.self, from: Data(bytes)) { self = due }
        } catch {
            guard error.isNotFound else { throw error }
        }
    }

    /// Puts it on disk, or takes the file away where nothing is due.
    func write(in output: OutputFolder) throws(FileError) {
        guard !clips.isEmpty || run else {
            if Path.withBytes(output.dueHooks, { unlink($0) }) != 0, errno != ENOENT {
                throw FileError(operation: "remove", path: output.dueHooks, code: errno)
            }
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Names and a truth value always are JSON.
        guard let data = try? encoder.encode(self) else { return }
        try DurableFile.write(data, to: output.dueHooks)
    }
}
