import ClipModel
import FoundationEssentials
import Support

extension GameClipsService {
    /// `POST /users/me/scids/{scid}/clips`: each call issues another id, whatever came before.
    func initialUpload(_ owner: Resource.Owner, scid: String, _ request: IncomingRequest) throws(Refusal)
        -> Reception
    {
        let claims = try request.claims()
        guard owner == .me else { throw .forbidden("clips are uploaded for \"me\" only") }
        try tokens.checkUploader(claims)
        guard GUID.isValid(scid) else { throw .badRequest("the scid is not a GUID") }
        let base = baseURL(for: request)
        return try withBody(of: request) { body in
            let clip = try newClip(InitialUploadRequest(checking: body), scid: scid, claims)
            // The folder first: a record without one could not take blocks, a folder without a record is
            // swept up.
            try uploads.create(clip.id)
            guard try records.add(clip, quota: configuration.quota) else {
                uploads.close(clip.id)
                throw Refusal.badRequest("the user is over quota")
            }
            configuration.report(.clip(id: clip.id, state: clip.state, reason: nil))
            var response = OutgoingResponse.json(answer(to: clip, base: base))
            response.clip = clip.id
            return response.decorated()
        }
    }

    private func newClip(_ request: InitialUploadRequest, scid: String, _ claims: Claims) throws(Refusal)
        -> ClipRow
    {
        guard let xuid = claims.userId, let titleId = claims.titleId, let sandbox = claims.titleSandboxId,
            let deviceType = claims.deviceType
        else { throw .missingClaim("Xuid") }
        let id = RandomText.guid()
        let now = configuration.clock.now
        return ClipRow(
            id: id, xuid: xuid, scid: scid.lowercased(), titleId: titleId, sandbox: sandbox,
            deviceType: deviceType,
            state: .pendingUpload,
            uploadId: configuration.uploadIds == .gameClipId ? id : RandomText.hexadecimal(bytes: 16),
            downloadKey: RandomText.hexadecimal(bytes: 16), request: request, created: now, modified: now)
    }

    private func answer(to clip: ClipRow, base: String) -> InitialUploadResponse {
        let container = "\(base)/upload/xuid(\(clip.xuid))/\(clip.id)/container"
        let query = clip.uploadId == clip.id ? "" : "?uploadId=\(clip.uploadId)"
        var answer = InitialUploadResponse(gameClipId: clip.id, uploadUri: container + query)
        if clip.request.thumbnailSource == .upload || configuration.thumbnailURIs == .always {
            answer.largeThumbnailUri = "\(container)/thumbnails/large"
            answer.smallThumbnailUri = "\(container)/thumbnails/small"
        }
        answer.clipName = clip.name
        answer.titleName = ""
        return answer
    }
}
