/// Which clips a list is of.
public struct ClipList: Hashable, Sendable {
    /// Nil for everybody's, of which the service shows what is public.
    public var owner: ClipOwner?
    public var scope: Scope
    /// Only those that the user has saved.
    public var isSaved: Bool

    /// What the clips have in common.
    public enum Scope: Hashable, Sendable {
        case everything
        /// A service configuration.
        case scid(String)
        case title(UInt32)
    }

    /// Such as the caller's clips of a title.
    ///
    /// The services have no list of everybody's clips of everything, and none of saved ones of a service configuration:
    /// asking for one throws a failure with status 404.
    public init(owner: ClipOwner?, _ scope: Scope = .everything, isSaved: Bool = false) {
        self.owner = owner
        self.scope = scope
        self.isSaved = isSaved
    }

    var path: [String] {
        let start = owner.map { ["users", $0.segment] } ?? ["public"]
        let middle: [String] =
            switch scope {
            case .everything: []
            case .scid(let scid): ["scids", scid]
            case .title(let number): ["titles", String(number)]
            }
        return start + middle + ["clips"] + (isSaved ? ["saved"] : [])
    }
}
