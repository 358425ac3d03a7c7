import ClipModel
import SystemIO

/// The uploads that are under way, each looked up in its folder when it is first asked for.
final class Uploads: Sendable {
    private let folders: Folders
    private let open = Locked<[String: Upload]>([:])

    init(folders: Folders) {
        self.folders = folders
    }

    /// Makes the folder for a new upload's blocks.
    func create(_ id: String) throws(FileError) {
        try Folder.make(folders.upload(id))
    }

    /// The upload of a clip; nil if the clip is not `PendingUpload` any more.
    ///
    /// The state is looked at under the lock that `close` takes too, and it changes before `close` is called:
    /// an upload that is over is never opened again from what is left in its folder.
    func upload(of clip: ClipRow, in records: ClipRecords) throws -> Upload? {
        try open.withLock { open in
            if let upload = open[clip.id] { return upload }
            guard try records.clip(clip.id)?.state == .pendingUpload else { return nil }
            let upload = try Upload(
                folder: folders.upload(clip.id), fileSize: Int64(clip.request.fileSize),
                expectedBlocks: clip.request.expectedBlocks.map(Int64.init))
            open[clip.id] = upload
            return upload
        }
    }

    /// How many blocks there are of an upload that was used since the service was started; nil for any other.
    func stored(of id: String) -> Int? {
        open.withLock { $0[id] }?.stored
    }

    /// Ends an upload, and removes its blocks.
    func close(_ id: String) {
        if let upload = open.withLock({ $0.removeValue(forKey: id) }) {
            upload.close()
        } else {
            Folders.remove(folders.upload(id))
        }
    }

    /// Removes the blocks of uploads that are not among `ids`.
    func removeOthers(than ids: Set<String>) {
        for name in (try? Folder.names(in: folders.uploads)) ?? [] where !ids.contains(name) {
            Folders.remove(folders.upload(name))
        }
    }
}
