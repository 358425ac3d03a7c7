import ClipModel
import FoundationEssentials
import Support
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
    ///
    /// - Throws: `FileError`, and what says why the file is not one of clipship's.
    init(in output: OutputFolder) throws {
        let text: [UInt8]
        do throws(FileError) {
            text = try OpenFile(output.dueHooks).contents(atMost: Self.largest)
        } catch {
            guard error.isNotFound else { throw error }
            return
        }
        self = try StrictJSON.decode(Self.self, from: Data(text))
    }

    /// Puts it on disk, or takes the file away where nothing is due.
    func write(in output: OutputFolder) throws {
        if clips.isEmpty, !run { return try Folder.removeFile(output.dueHooks) }
        try DurableFile.write(CanonicalJSON.document(self), to: output.dueHooks)
    }
}
