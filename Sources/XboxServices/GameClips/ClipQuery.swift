public import ClipModel

/// Which clips, and in which order.
public struct ClipQuery: Hashable, Sendable {
    public var skipItems: Int?
    /// From the page before; at most 36 characters; it beats `skipItems`.
    public var continuationToken: String?
    public var maxItems: Int?
    public var order: Order?
    public var types: GameClipTypes?
    public var eventId: String?
    public var qualifier: Qualifier?

    public enum Order: String, Sendable {
        case ascending = "A"
        case descending = "D"
    }

    /// What the order is of.
    public enum Qualifier: String, Sendable {
        case created, rating, views
    }

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
