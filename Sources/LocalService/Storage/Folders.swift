import ClipModel
import Glibc
import SystemIO

/// Where things are in the data folder.
///
/// Ids are GUIDs that the service made, so that no path leads out of it.
struct Folders: Sendable {
    let root: String

    /// Makes the folders, for the owner only: the records have keys that stand for a token.
    init(root: String) throws(FileError) {
        self.root = Path.absolute(root)
        try Folder.make(self.root, access: .owner)
        for folder in [uploads, clips, thumbnails] { try Folder.make(folder) }
    }

    /// Removes what an interrupted service left half-written; only under the lock, for a service that runs has such
    /// files, too.
    func removeLeftovers() {
        for folder in [clips, thumbnails] { DurableFile.removeLeftovers(in: folder) }
    }

    var database: String { "\(root)/service.db" }
    var tokens: String { "\(root)/tokens.json" }
    var requests: String { "\(root)/requests.jsonl" }
    var certificate: String { "\(root)/certificate.pem" }
    var certificateKey: String { "\(root)/certificate.key" }
    var lock: String { "\(root)/service.lock" }
    var uploads: String { "\(root)/uploads" }
    var clips: String { "\(root)/clips" }
    var thumbnails: String { "\(root)/thumbnails" }

    func upload(_ id: String) -> String { "\(uploads)/\(id)" }
    func clip(_ id: String) -> String { "\(clips)/\(id).mp4" }
    func thumbnail(_ id: String, _ type: ThumbnailType) -> String {
        "\(thumbnails)/\(id).\(type == .large ? "large" : "small").jpg"
    }

    /// Removes everything that is kept of a clip, except its blocks.
    func removeFiles(of id: String) {
        for path in [clip(id), thumbnail(id, .large), thumbnail(id, .small)] { Path.withBytes(path) { _ = unlink($0) } }
    }

    /// Removes the files of clips that are not among `ids`.
    func removeFiles(ofOthersThan ids: Set<String>) {
        for folder in [clips, thumbnails] {
            for name in (try? Folder.names(in: folder)) ?? [] {
                let id = String(name.prefix { $0 != "." })
                if ClipIdentifier.isValid(id), !ids.contains(id) {
                    Path.withBytes("\(folder)/\(name)") { _ = unlink($0) }
                }
            }
        }
    }

    /// Removes a folder of files; one that isn't there is fine.
    static func remove(_ folder: String) {
        for name in (try? Folder.names(in: folder)) ?? [] { Path.withBytes("\(folder)/\(name)") { _ = unlink($0) } }
        Path.withBytes(folder) { _ = rmdir($0) }
    }
}
