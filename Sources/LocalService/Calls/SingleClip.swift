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

    /// `POST /users/{ownerId}/scids/{scid}/clips/{gameClipId}/views`: somebody has looked at a published clip.
    func countView(
        _ owner: Resource.Owner, scid: String, id: String, _ request: IncomingRequest
    ) throws -> OutgoingResponse {
        let claims = try reader(request)
        let xuid = try userId(of: owner, claims)
        guard let clip = try records.clip(id), clip.xuid == xuid, clip.scid == scid.lowercased(),
            clip.isVisible(to: claims), clip.state == .published
        else { throw Refusal.notFound("there is no such published clip") }
        try records.countView(of: clip.id)
        return OutgoingResponse(status: 200).decorated()
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
