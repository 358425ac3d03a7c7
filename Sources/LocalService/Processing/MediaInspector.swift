import MediaKit
import SystemIO

/// Decodes the clip: what has no frame that can be shown is refused.
struct MediaInspector: ClipInspector {
    func inspect(path: String, offsetMilliseconds: Int64) throws(InspectionFailure) -> ClipThumbnails {
        let file: OpenFile
        do throws(FileError) {
            file = try OpenFile(path)
        } catch {
            throw InspectionFailure(reason: error.description)
        }
        let request = MediaRequest(
            thumbnails: ThumbnailRequest(offsetMilliseconds: offsetMilliseconds, whenPastEnd: .lastFrame))
        do throws(MediaError) {
            let answer = try withExtendedLifetime(file) { () throws(MediaError) in
                try MediaEngine.examine(descriptor: file.descriptor, request: request)
            }
            guard let thumbnails = answer.thumbnails else {
                throw MediaError(.nothingDecodable, "no frame could be shown")
            }
            return ClipThumbnails(large: thumbnails.large, small: thumbnails.small)
        } catch {
            throw InspectionFailure(reason: error.message)
        }
    }
}
