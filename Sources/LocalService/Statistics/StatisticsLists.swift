import ClipModel
import FoundationEssentials
import Support

/// Statistics as clients of the live service ask for them: some of one user (`GET`), or `/batch` with `xuids` and `stats`.
struct StatisticsListsQuery: Sendable {
    /// In their order, each once.
    var users: [Int64]
    var statistics: [Wanted]
    var groups: [Group] = []

    struct Wanted: Hashable, Sendable {
        var name: String
        /// Nil where only a title is named, which says nothing here: all service configurations are looked at.
        var scid: String?
    }

    struct Group: Hashable, Sendable {
        var name: String
        var titleId: String?
    }

    /// Statistics of one user; `names` are between commas.
    init(user: Int64, scid: String, names: String) {
        users = [user]
        statistics = names.split(separator: ",").map { Wanted(name: String($0), scid: scid) }
    }

    /// The body of `/batch`; nil for one of the reference's form.
    init?(checking body: Data) throws(Refusal) {
        var reader = try MemberReader(body)
        guard !Set(reader.names).isDisjoint(with: Key.allCases.map(\.stringValue)) else { return nil }
        if let field = reader.string(Key.arrangebyfield), field != "xuid" {
            reader.reject("arrangebyfield must be xuid")
        }
        let xuids = (reader.array(Key.xuids) ?? []).map { $0.text.flatMap(Int64.init) ?? 0 }
        if xuids.isEmpty || xuids.contains(where: { $0 < 1 }) { reader.reject("xuids must be an array of xuids") }
        var seen: Set<Int64> = []
        users = xuids.filter { seen.insert($0).inserted }
        let entries = reader.array(Key.stats) ?? []
        statistics = entries.compactMap { Wanted($0) }
        if entries.isEmpty || statistics.count < entries.count {
            reader.reject("stats must be an array of objects with name, and scid or titleId")
        }
        let groupEntries = reader.array(Key.groups) ?? []
        groups = groupEntries.compactMap { Group($0) }
        if groups.count < groupEntries.count { reader.reject("groups must be an array of objects with name") }
        try reader.check()
    }

    private enum Key: String, CodingKey, CaseIterable { case arrangebyfield, xuids, stats, groups }
}

extension StatisticsListsQuery.Wanted {
    fileprivate init?(_ entry: JSONValue) {
        guard case .object(let members) = entry, case .string(let name)? = members["name"], !name.isEmpty else {
            return nil
        }
        self.name = name
        switch (members["scid"], members["titleId"] ?? members["titleid"]) {
        case (.string(let scid)?, _) where GUID.isValid(scid): self.scid = scid
        case (nil, let titleId?) where titleId.text.flatMap(UInt32.init) != nil: scid = nil
        default: return nil
        }
    }
}

extension StatisticsListsQuery.Group {
    fileprivate init?(_ entry: JSONValue) {
        guard case .object(let members) = entry, case .string(let name)? = members["name"] else { return nil }
        self.name = name
        titleId = (members["titleId"] ?? members["titleid"])?.text
    }
}

/// The answer to both.
struct StatisticsLists: Encodable {
    /// Nil where no groups can be asked for.
    var groups: [Group]?
    var statlistscollection: [List] = []

    struct Group: Encodable {
        var name: String
        var titleid: String?
        /// What a title's configuration would put there.
        var statlistscollection: [List] = []
    }

    struct List: Encodable {
        var arrangebyfield = "xuid"
        var arrangebyfieldid: String
        var stats: [Statistic]
    }

    struct Statistic: Encodable {
        var groupproperties: [String: String] = [:]
        var xuid: String
        var scid: String
        var name: String
        var type: String
        var value: String
        var properties: [String: String] = [:]
    }
}

extension StatisticsLists.List {
    /// What the user has of what is asked for, in its order.
    ///
    /// - Parameter allowed: Which of the user's service configurations may be read.
    init(_ user: StatisticsTable.User, _ wanted: [StatisticsListsQuery.Wanted], allowed: (_ scid: String) -> Bool) {
        arrangebyfieldid = "\(user.xuid)"
        stats = wanted.flatMap { wanted in
            user.scids.filter { ($0.scid == wanted.scid?.lowercased() || wanted.scid == nil) && allowed($0.scid) }
                .flatMap { scid in
                    scid.statistics.filter { $0.name.lowercased() == wanted.name.lowercased() }.map { statistic in
                        StatisticsLists.Statistic(
                            xuid: "\(user.xuid)", scid: scid.scid, name: statistic.name, type: statistic.value.type,
                            value: statistic.value.text)
                    }
                }
        }
    }
}
