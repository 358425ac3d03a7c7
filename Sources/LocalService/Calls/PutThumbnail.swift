import ClipModel
import FoundationEssentials
import Support
import SystemIO

extension GameClipsService {
    /// `PUT` of a thumbnail to its URI: 201, and 200 when it replaces one.
    func putThumbnail(_ place: Resource.ClipPath, _ type: ThumbnailType, _ request: IncomingRequest) throws
        -> Reception
    {
        let clip = try uploadedClip(place, request)
        guard clip.request.thumbnailSource == .upload || configuration.thumbnailURIs == .always else {
            throw Refusal.notFound("this clip's thumbnails are made by the service")
        }
        if clip.state.isRejected { throw Refusal.gone("the clip was rejected; this upload is over") }
        let tooLarge = Refusal.badRequest(
            "the thumbnail has more than \(ServiceLimits.largestThumbnail) bytes")
        guard (request.contentLength ?? 0) <= ServiceLimits.largestThumbnail else { throw tooLarge }
        return .body(
            DataReceiver(limit: ServiceLimits.largestThumbnail, tooLarge: refused(tooLarge, .transfer)) {
                data in
                answering(.transfer) { try store(data, type, of: clip) }
            })
    }

    private func store(_ picture: Data, _ type: ThumbnailType, of clip: ClipRow) throws -> OutgoingResponse {
        let expected: PictureSize = type == .large ? .largeThumbnail : .smallThumbnail
        guard let size = JPEGHeader.size(of: picture) else {
            throw Refusal.badRequest("the thumbnail is not a JPEG")
        }
        guard size == expected else {
            throw Refusal.badRequest("the thumbnail is \(size); the \(type) one is \(expected)")
        }
        try DurableFile.write(picture, to: folders.thumbnail(clip.id, type))
        guard try records.setThumbnail(type, of: clip.id, size: Int64(picture.count), at: configuration.clock.now)
        else {
            folders.removeFiles(of: clip.id)
            throw Refusal.gone("the clip was deleted")
        }
        // All blocks may have come before the thumbnails: then processing waits for this one.
        if let clip = try records.clip(clip.id), clip.state == .uploaded {
            processor.schedule(clip.id, in: clip.state)
        }
        return OutgoingResponse(status: clip.thumbnailSize(type) == nil ? 201 : 200).decorated()
    }
}
