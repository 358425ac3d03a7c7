import ClipModel
import MediaWorker
import SystemIO

/// Decodes the clip: what has no frame that can be shown is refused.
struct MediaInspector: ClipInspector {
    /// Uploads may come from anybody: they are decoded in processes that can open nothing.
    let media: MediaWorkerPool

    func inspect(path: String, offsetMilliseconds: Int64) throws -> ClipThumbnails {
        let file: OpenFile
        do throws(FileError) {
            file = try OpenFile(path)
        } catch {
            guard error.isNotFound else { throw error }
            throw InspectionFailure(reason: error.description)
        }
        let request = MediaRequest(
            thumbnails: ThumbnailRequest(offsetMilliseconds: offsetMilliseconds, whenPastEnd: .lastFrame))
        do throws(MediaError) {
            let answer = try media.examineBlocking(file, request)
            guard let thumbnails = answer.thumbnails else {
                throw MediaError(.nothingDecodable, "no frame could be shown")
            }
            return ClipThumbnails(large: thumbnails.large, small: thumbnails.small)
        } catch {
            guard error.kind != .workerUnavailable, error.kind != .workerKilled,
                !(error.code.map(FileError.isTemporary) ?? false)
            else { throw error }
            throw InspectionFailure(reason: error.message)
        }
    }
}
