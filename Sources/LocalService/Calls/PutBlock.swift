import ClipModel
import SystemIO

extension GameClipsService {
    /// `PUT /{uploadUri}`: one block, or the whole file where no blocks were announced.
    func putBlock(_ place: Resource.ClipPath, _ request: IncomingRequest) throws -> Reception {
        let clip = try uploadedClip(place, request)
        let uploadIds = request.target.values("uploadId")
        guard let uploadId = uploadIds.first else { throw Refusal.badRequest("uploadId is missing") }
        guard uploadIds.count == 1 else { throw Refusal.badRequest("uploadId is there more than once") }
        guard uploadId == clip.uploadId else {
            throw Refusal.forbidden("the uploadId is not that of this upload")
        }
        let block = try blockNumber(request, clip)
        guard clip.state == .pendingUpload else { return .answer(try answerAfterUpload(clip.id)) }
        guard let upload = try uploads.upload(of: clip, in: records) else {
            return .answer(try answerAfterUpload(clip.id))
        }
        do {
            return .body(try receiver(of: block, clip, upload, request))
        } catch let error as FileError where error.isNotFound && upload.phase == .closed {
            // Another request has completed or deleted the clip meanwhile.
            return .answer(try answerAfterUpload(clip.id))
        }
    }

    /// The answer to a block of an upload that is over: 200 if the service has the whole clip.
    func answerAfterUpload(_ id: String) throws -> OutgoingResponse {
        switch try records.clip(id)?.state {
        case nil, .deleted?: throw Refusal.gone("the clip was deleted")
        case let state? where state.isRejected: throw Refusal.gone("the clip was rejected; this upload is over")
        case .pendingUpload?: throw Refusal(500, "the upload's blocks are missing", code: 5000)
        default: return OutgoingResponse(status: 200).decorated()
        }
    }

    private func receiver(
        of block: Int64, _ clip: ClipRow, _ upload: Upload, _ request: IncomingRequest
    ) throws -> BlockReceiver {
        var keeps = true
        if let size = request.contentLength {
            switch upload.decision(block: block, size: size) {
            case .refused(let reason): throw Refusal.badRequest(reason)
            case .repeated: keeps = false
            case .store: break
            }
        }
        return try BlockReceiver(service: self, clip: clip, upload: upload, block: block, keeps: keeps)
    }

    /// The clip that an upload URI names, if the caller may upload to it.
    func uploadedClip(_ place: Resource.ClipPath, _ request: IncomingRequest) throws -> ClipRow {
        let claims = try request.claims()
        guard let clip = try records.clip(place.id), clip.xuid == place.xuid else {
            throw Refusal.notFound("there is no such upload")
        }
        guard claims.userId == clip.xuid else {
            throw Refusal.forbidden("the upload belongs to another user")
        }
        try check(clip.scid, claims)
        if clip.state == .deleted { throw Refusal.gone("the clip was deleted") }
        try check(clip.uploadURI(lifetime: faults.uriLifetime, now: configuration.clock.now))
        return clip
    }

    /// Refuses a request to a URI that is not good now.
    func check(_ state: ClipRow.URIState) throws(Refusal) {
        switch state {
        case .good: return
        case .expired: throw .forbidden("the URI has expired; a GET of the clip refreshes it")
        case .refreshing: throw .planned(500, "the clip's URIs are being refreshed")
        }
    }

    private func blockNumber(_ request: IncomingRequest, _ clip: ClipRow) throws(Refusal) -> Int64 {
        let count = Int64(clip.request.expectedBlocks ?? 1)
        guard let text = request.target.values("blockNum").first else {
            if clip.request.expectedBlocks == nil { return 0 }
            throw .badRequest("blockNum is missing")
        }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt32(text),
            request.target.values("blockNum").count == 1
        else { throw .badRequest("blockNum is not one whole number") }
        guard number < count else {
            throw .badRequest("blockNum is \(number); the upload has \(count) blocks, numbered from 0")
        }
        return Int64(number)
    }
}
