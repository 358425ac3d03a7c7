public import ClipModel
import ConfigFiles
public import XboxServices
import Support

/// The `statistics` section: which statistics of which players, and what becomes of those that there are none of.
public struct StatisticsOptions: Encodable, Hashable, Sendable {
    /// Names of statistics by service configuration.
    public var scids: [Wanted] = []
    /// Xuids; nil for the session's players.
    public var users: [UInt64]?
    public var whenMissing: WhenMissing = .warn
    /// Nil: as `whenMissing`.
    public var whenUnknownUser: WhenMissing?
    /// Nil: as `whenMissing`.
    public var whenRestricted: WhenMissing?
    public var batchSize = BatchSize()

    /// Statistics of one service configuration.
    public struct Wanted: Encodable, Hashable, Sendable {
        /// Nil: the session's.
        public var scid: String?
        public var names: [String]
    }

    /// What stands in a caption where there is no value.
    public enum WhenMissing: Encodable, Hashable, Sendable {
        /// Nothing, and a warning says so.
        case warn
        /// The clip fails.
        case fail
        /// This text.
        case `default`(String)
    }

    public init() {}

    private enum CodingKeys: String, CodingKey {
        case scids, users, whenMissing, whenUnknownUser, whenRestricted, usersPerRequest, statisticsPerRequest
    }

    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(scids, forKey: .scids)
        try members.encodeIfPresent(users, forKey: .users)
        try members.encode(whenMissing, forKey: .whenMissing)
        try members.encodeIfPresent(whenUnknownUser, forKey: .whenUnknownUser)
        try members.encodeIfPresent(whenRestricted, forKey: .whenRestricted)
        try members.encode(batchSize.users, forKey: .usersPerRequest)
        try members.encode(batchSize.statistics, forKey: .statisticsPerRequest)
    }

    /// What is to be asked for.
    public func query(for session: Session) -> StatisticsQuery {
        StatisticsQuery(
            users: users ?? session.players.compactMap { UInt64($0.xuid) },
            scids: scids.map { .init(scid: $0.scid ?? session.scid, requestedstats: $0.names) })
    }

    func policy(for reason: PlayerStatistic.Reason) -> WhenMissing {
        switch reason {
        case .noStatistic: whenMissing
        case .unknownUser: whenUnknownUser ?? whenMissing
        case .restricted: whenRestricted ?? whenMissing
        }
    }
}

extension StatisticsOptions {
    init(_ node: YAMLNode, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "\"statistics\"", collector: collector)
        if let node = reader.required("scids", "service configurations and the names of their statistics") {
            scids = Self.scids(node, collector)
        }
        if let node = reader.node("users"), node.text != "session" {
            let expected = "session, or a list of Xbox user ids (decimal digits)"
            if case .sequence(let items) = node.content {
                users = items.compactMap { reader.check($0, "users", expected) { $0.text.flatMap { UInt64($0) } } }
            } else {
                _ = reader.check(node, "users", expected) { _ in nil as [UInt64]? }
            }
        }
        whenMissing = Self.policy("whenMissing", &reader) ?? .warn
        whenUnknownUser = Self.policy("whenUnknownUser", &reader)
        whenRestricted = Self.policy("whenRestricted", &reader)
        let users = reader.integer("usersPerRequest", in: 1...1_000).map(Int.init)
        let statistics = reader.integer("statisticsPerRequest", in: 1...1_000).map(Int.init)
        batchSize = BatchSize(users: users ?? batchSize.users, statistics: statistics ?? batchSize.statistics)
        reader.finish()
    }

    private static func scids(_ node: YAMLNode, _ collector: DiagnosticCollector) -> [Wanted] {
        guard case .mapping(let members) = node.content, !members.isEmpty else {
            collector.report(
                "\"scids\": expected a mapping such as {session: [Wins, Kills]}, found \(node.found)", at: node.mark)
            return []
        }
        return members.compactMap { member in
            let (key, value) = (member.key, member.value)
            guard let scid = key.text, scid == "session" || GUID.isValid(scid) else {
                collector.report("\"scids\": expected session or a GUID, found \(key.found)", at: key.mark)
                return nil
            }
            let items = if case .sequence(let items) = value.content { items } else { [value] }
            for item in items where item.text?.isEmpty ?? true {
                collector.report("\"\(scid)\": expected the name of a statistic, found \(item.found)", at: item.mark)
            }
            return Wanted(scid: scid == "session" ? nil : scid, names: items.compactMap(\.text))
        }
    }

    private static func policy(_ name: String, _ reader: inout MappingReader) -> WhenMissing? {
        reader.value(name, "warn, fail or {default: TEXT}") { node in
            switch node.content {
            case .scalar("warn", _): return .warn
            case .scalar("fail", _): return .fail
            case .mapping(let members):
                guard members.count == 1, members[0].key.text == "default" else { return nil }
                return members[0].value.text.map(WhenMissing.default)
            default: return nil
            }
        }
    }
}
