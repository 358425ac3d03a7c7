import ClipModel

/// The values that statistics give to placeholders.
struct StatisticValues: Sendable {
    private let options: StatisticsOptions
    private let query: StatisticsQuery
    private let session: Session
    /// Nil as long as nobody has asked for them.
    private let found: [Key: PlayerStatistic.Outcome]?

    private struct Key: Hashable {
        var xuid: UInt64
        var scid: String
        var name: String
    }

    init(_ options: StatisticsOptions, session: Session, found statistics: [PlayerStatistic]?) {
        self.options = options
        self.session = session
        query = options.query(for: session)
        found = statistics.map { statistics in
            let pairs = statistics.map { (Key(xuid: $0.xuid, scid: $0.scid, name: $0.name), $0.outcome) }
            return Dictionary(pairs) { first, _ in first }
        }
    }

    /// Nil for a pipeline that asks for none.
    init?(_ pipeline: PipelineFile, found: [PlayerStatistic]?) {
        guard let options = pipeline.statistics else { return nil }
        self.init(options, session: pipeline.session, found: found)
    }

    /// What stands for a placeholder.
    enum Resolution: Hashable, Sendable {
        /// Text, and a warning if it is not the statistic's own.
        case text(String, warning: String?)
        /// The clip fails, and why.
        case failure(String)
        /// The statistics have not been asked for yet.
        case unknown
    }

    func resolution(of placeholder: StatisticPlaceholder) throws(StatisticMistake) -> Resolution {
        let scid = try scid(of: placeholder)
        guard let xuid = placeholder.xuid ?? session.owner.flatMap({ UInt64($0) }) else { throw .noOwner }
        guard query.users.contains(xuid) else { throw .otherUser(xuid, isOwner: placeholder.xuid == nil) }
        guard let found else { return .unknown }
        switch found[Key(xuid: xuid, scid: scid, name: placeholder.name)] ?? .missing(.noStatistic) {
        case .value(let text, _):
            return .text(text, warning: nil)
        case .missing(let reason):
            let sentence = "\(placeholder.name) of player \(xuid): \(reason)"
            return switch options.policy(for: reason) {
            case .warn: .text("", warning: "\(sentence); left empty")
            case .default(let text): .text(text, warning: nil)
            case .fail: .failure("there is no statistic \(sentence)")
            }
        }
    }

    /// The session's own service configuration goes before the others.
    private func scid(of placeholder: StatisticPlaceholder) throws(StatisticMistake) -> String {
        let scids = query.statistics.filter { $0.name == placeholder.name }.map(\.scid)
        guard let first = scids.first else {
            throw .notAskedFor(closest: Suggestion.closest(to: placeholder.name, among: query.statistics.map(\.name)))
        }
        return scids.first { $0.lowercased() == session.scid.lowercased() } ?? first
    }
}

/// Why a placeholder can never have a value.
enum StatisticMistake: Error, Hashable, Sendable, CustomStringConvertible {
    case noSection
    case notAskedFor(closest: String?)
    case otherUser(UInt64, isOwner: Bool)
    case noOwner

    var description: String {
        switch self {
        case .noSection: "there is no \"statistics\" section that asks for it"
        case .notAskedFor(let closest):
            "\"statistics\" does not ask for it" + (closest.map { "; did you mean \"\($0)\"?" } ?? "")
        case .otherUser(let xuid, let isOwner):
            "\(isOwner ? "the clips' owner" : "the player") \(xuid) is not among the users of \"statistics\""
        case .noOwner: "the session has neither an owner nor players"
        }
    }
}
