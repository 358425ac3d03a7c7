/// A placeholder for a statistic: `stats.Wins` of the clip's owner, or `stats[2716903703773872].Wins`.
struct StatisticPlaceholder: Hashable, Sendable {
    /// Nil: the clip's owner.
    var xuid: UInt64?
    var name: String

    /// How one is written, for messages.
    static let form = "{stats.NAME} or {stats[XUID].NAME}"

    /// Whether a placeholder's name is meant to be one.
    static func isMeant(by text: String) -> Bool {
        text.hasPrefix("stats.") || text.hasPrefix("stats[")
    }

    /// Nil for any other text.
    init?(_ text: String) {
        if text.hasPrefix("stats.") {
            name = String(text.dropFirst("stats.".count))
        } else {
            guard text.hasPrefix("stats["), let end = text.firstIndex(of: "]"),
                let xuid = UInt64(text[..<end].dropFirst("stats[".count))
            else { return nil }
            let rest = text[text.index(after: end)...]
            guard rest.hasPrefix(".") else { return nil }
            self.xuid = xuid
            name = String(rest.dropFirst())
        }
        guard !name.isEmpty else { return nil }
    }
}
