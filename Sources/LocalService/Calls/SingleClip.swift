import ClipModel
import FoundationEssentials

extension GameClipsService {
    /// One clip: `GET /users/{ownerId}/scids/{scid}/clips/{gameClipId}`; refreshes its URIs if they have expired.
    func getClip(
        _ owner: Resource.Owner, scid: String, id: String, _ request: IncomingRequest
    ) throws -> OutgoingResponse {
        let claims = try reader(request)
        let xuid = try userId(of: owner, claims)
        guard var clip = try records.clip(id), clip.xuid == xuid, clip.scid == scid.lowercased(),
            clip.isVisible(to: claims)
        else { throw Refusal.notFound("there is no such clip") }
        // Whoever waits for it to be published would wait for somebody who makes room.
        guard !processor.lacksRoom(for: clip.id) else { throw Refusal.full }
        let lifetime = faults.uriLifetime
        let now = configuration.clock.now
        if clip.uploadURI(lifetime: lifetime, now: now) == .expired {
            try records.refreshURIs(of: clip, from: now.advanced(by: faults.refreshTime))
            clip = try records.clip(id) ?? clip
        }
        let answer = GameClipAnswer(gameClip: clip.gameClip(base: baseURL(for: request), uriLifetime: lifetime))
        return .json(answer).decorated().conditional(on: request)
    }

    /// `DELETE /users/me/scids/{scid}/clips/{gameClipId}`: for good; a second time 404.
    func deleteClip(
        _ owner: Resource.Owner, scid: String, id: String, _ request: IncomingRequest
    ) throws -> OutgoingResponse {
        let clip = try ownClip(owner, scid: scid, id: id, request.claims())
        guard try records.delete(clip.id, at: configuration.clock.now) else {
            throw Refusal.notFound("there is no such clip")
        }
        uploads.close(clip.id)
        folders.removeFiles(of: clip.id)
        configuration.report(.clip(id: clip.id, state: .deleted, reason: nil))
        return OutgoingResponse(status: 204).decorated()
    }

    /// What moderators do: the clip gets into a state whatever state it was in, and its upload is over.
    ///
    /// - Returns: false for a clip that is not there, or was deleted.
    func moderate(_ id: String, to state: GameClipState) throws -> Bool {
        guard try records.moderate(id, to: state, at: configuration.clock.now) else { return false }
        uploads.close(id)
        configuration.report(.clip(id: id, state: state, reason: nil))
        return true
    }

    /// `POST /users/me/scids/{scid}/clips/{gameClipId}`: changes what is in the body, all of it or nothing.
    func updateClip(
        _ owner: Resource.Owner, scid: String, id: String, _ request: IncomingRequest
    ) throws -> Reception {
        let clip = try ownClip(owner, scid: scid, id: id, request.claims())
        return try withBody(of: request) { body in
            let update = try ClipUpdateBody(checking: body)
            guard try records.update(clip.id, at: configuration.clock.now, { update.apply(to: &$0) }) else {
                throw Refusal.notFound("there is no such clip")
            }
            return OutgoingResponse(status: 200).decorated()
        }
    }

    /// Who reads clips: the sandbox decides what there is to see.
    func reader(_ request: IncomingRequest) throws(Refusal) -> Claims {
        let claims = try request.claims()
        guard claims.userId != nil else { throw .missingClaim("Xuid") }
        guard claims.titleId?.text != nil else { throw .missingClaim("TitleId") }
        guard claims.sandboxId != nil else { throw .badRequest("the token has no SandboxId claim") }
        return claims
    }

    func userId(of owner: Resource.Owner, _ claims: Claims) throws(Refusal) -> String {
        guard let xuid = owner.userId(claims) else { throw .missingClaim("Xuid") }
        return xuid
    }

    /// A clip that the caller may change.
    private func ownClip(
        _ owner: Resource.Owner, scid: String, id: String, _ claims: Claims
    ) throws -> ClipRow {
        let xuid = try userId(of: .me, claims)
        guard owner == .me else { throw Refusal.forbidden("clips are changed for \"me\" only") }
        guard let clip = try records.clip(id), clip.xuid == xuid, clip.scid == scid.lowercased(),
            clip.state != .deleted
        else { throw Refusal.notFound("there is no such clip") }
        return clip
    }
}

extension ClipRow {
    /// Content isolation and privacy: clips of another sandbox are not there for anybody; clips of other
    /// users are there once published, if everybody may see them, or those who play the same title.
    func isVisible(to claims: Claims) -> Bool {
        guard state != .deleted, claims.sandboxId == sandbox else { return false }
        if claims.userId == xuid { return true }
        guard state == .published else { return false }
        switch request.visibility {
        case .public: return true
        case .title: return claims.titleId?.text == titleId.text
        default: return false
        }
    }
}

/// The body of an update.
private struct ClipUpdateBody: Sendable {
    let userCaption: String?
    let visibility: GameClipVisibility?
    let titleData: String?

    private enum Key: String, CodingKey, CaseIterable {
        case userCaption, visibility, titleData
    }

    init(checking body: Data) throws(Refusal) {
        var reader = try MemberReader(body)
        userCaption = reader.caption(Key.userCaption)
        visibility = reader.enumerator(Key.visibility, except: [.none])
        titleData = reader.titleData(Key.titleData)
        for name in reader.names where Key(stringValue: name) == nil {
            reader.reject("\"\(name.prefix(40))\" can't be changed")
        }
        if reader.names.isEmpty { reader.reject("there is nothing to change in the body") }
        try reader.check()
    }

    func apply(to request: inout InitialUploadRequest) {
        if let userCaption { request.userCaption = userCaption }
        if let visibility { request.visibility = visibility }
        if let titleData { request.titleData = titleData }
    }
}
