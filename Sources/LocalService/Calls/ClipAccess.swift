import ClipModel

// Who may see and change which clips. For one clip `isVisible` says it; `ClipRecords.Filter` says the same of lists, as
// SQL.

extension GameClipsService {
    /// As whom the caller sees a user's clips in a list.
    ///
    /// - Parameter xuid: Whose list; nil for everybody's.
    func audience(of xuid: String?, _ claims: Claims) -> ClipRecords.Audience {
        switch xuid {
        case nil: .everybody
        case claims.userId: .owner
        default: .others(titleId: claims.titleId)
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

    /// The user that a path names.
    func userId(of owner: Resource.Owner, _ claims: Claims) throws(Refusal) -> String {
        guard let xuid = owner.userId(claims) else { throw .missingClaim("Xuid") }
        return xuid
    }

    /// A clip that the caller may change.
    func ownClip(
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
