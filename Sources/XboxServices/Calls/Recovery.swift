/// What a caller may do about a failure.
public enum Recovery: Hashable, Sendable {
    /// The same call may be made again, not before `after` has passed.
    case retry(after: Duration?)
    /// The call may have had its effect: ask the service what it has before making it again.
    case reconcile
    /// Something on this machine stands in the way, such as an authority that is not trusted: the same call works once
    /// that is mended.
    case mendHere
    /// It will not work, however often it is tried.
    case giveUp
    /// The service says no to the caller: token, claims. Trying again only helps once that is mended.
    case notAllowed
}
