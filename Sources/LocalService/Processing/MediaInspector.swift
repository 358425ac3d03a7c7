import ClipModel
import FoundationEssentials
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
            let answer = try Blocking.wait(for: { [media] () throws(MediaError) in
                try await media.examine(file, request)
            })
            guard let thumbnails = answer.thumbnails else {
                throw MediaError(.nothingDecodable, "no frame could be shown")
            }
            return ClipThumbnails(large: thumbnails.large, small: thumbnails.small)
        } catch {
            guard error.kind != .workerUnavailable, error.kind != .workerKilled,
                !(error.code.map { Errno($0).isTemporary } ?? false)
            else { throw error }
            throw InspectionFailure(reason: error.message)
        }
    }
}

/// Looks at a whole clip as the service's processing does: is it video, and what do its thumbnails show.
protocol ClipInspector: Sendable {
    /// Called on a thread that it may hold for seconds.
    ///
    /// - Parameter offsetMilliseconds: the time of the thumbnails; past the end, the last frame is shown.
    /// - Throws: `InspectionFailure` where the clip can't be published; anything else means that it could not be looked
    ///   at, and may be later.
    func inspect(path: String, offsetMilliseconds: Int64) throws -> ClipThumbnails
}

/// Both thumbnails of a clip, as JPEG files.
struct ClipThumbnails: Sendable {
    var large: Data
    var small: Data
}

/// Why a clip can't be published.
struct InspectionFailure: Error, Hashable, Sendable {
    var reason: String
}
