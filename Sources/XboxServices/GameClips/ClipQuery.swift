public import ClipModel

/// Which clips, and in which order.
public struct ClipQuery: Hashable, Sendable {
    /// Clips to leave out at the start.
    public var skipItems: Int?
    /// From the page before; at most 36 characters; it beats `skipItems`.
    public var continuationToken: String?
    /// Clips on a page at most.
    public var maxItems: Int?
    /// Newest or highest first if it is not given.
    public var order: Order?
    /// Clips of these types only.
    public var types: GameClipTypes?
    /// Clips of this event only.
    public var eventId: String?
    /// What the order is of; the time of creation if it is not given.
    public var qualifier: Qualifier?

    /// The direction.
    public enum Order: String, Sendable {
        case ascending = "A"
        case descending = "D"
    }

    /// What the order is of.
    public enum Qualifier: String, Sendable {
        case created, rating, views
    }

    /// All clips, as the service orders them.
    public init() {}

    var parameters: [(name: String, value: String)] {
        let all: [(name: String, value: String?)] = [
            ("skipItems", continuationToken == nil ? skipItems.map(String.init) : nil),
            ("continuationToken", continuationToken), ("maxItems", maxItems.map(String.init)),
            ("order", order?.rawValue), ("type", types?.description), ("eventId", eventId),
            ("qualifier", qualifier?.rawValue),
        ]
        return all.compactMap { parameter in parameter.value.map { (parameter.name, $0) } }
    }
}
