/// Which clips a path lists: of a user or of everybody, of a title or of a service configuration, all or the saved ones.
///
/// The reference has the lists of a user and of a user's service configuration; clients of the live service ask for the
/// others too.
struct ListedClips: Hashable, Sendable {
    /// Nil for everybody's, of which only what is for everybody is shown.
    var owner: Resource.Owner?
    var scid: String?
    var titleId: String?
    /// Only what the user has saved.
    var isSaved = false

    init(_ owner: Resource.Owner, scid: String) {
        self.owner = owner
        self.scid = scid
    }

    /// Reads `/users/{ownerId}` or `/public`, then `/titles/{titleId}` or `/scids/{scid}` or nothing, then `/clips` or
    /// `/clips/saved`; nil for a path that names no list.
    init?(_ segments: [String]) {
        var rest = segments[...]
        switch rest.popFirst() {
        case "users":
            guard let owner = rest.popFirst().flatMap({ Resource.Owner($0) }) else { return nil }
            self.owner = owner
        case "public": owner = nil
        default: return nil
        }
        switch rest.first {
        case "titles": titleId = rest.dropFirst().first
        case "scids": scid = rest.dropFirst().first
        default: break
        }
        let isOfOne = titleId != nil || scid != nil
        rest = rest.dropFirst(isOfOne ? 2 : 0)
        guard rest.popFirst() == "clips", isOfOne || owner != nil else { return nil }
        if !rest.isEmpty {
            // One clip has that place in a service configuration's path.
            guard scid == nil, rest.popFirst() == "saved", rest.isEmpty else { return nil }
            isSaved = true
        }
    }
}
