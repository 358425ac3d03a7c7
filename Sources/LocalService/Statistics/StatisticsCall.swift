import ClipModel
import FoundationEssentials
import Support

/// The body of `POST /batch`, checked.
struct StatisticsCall: Sendable {
    /// In their order, each once.
    let users: [Int64]
    let scids: [StatisticsRequest.RequestedScid]

    init(checking body: Data) throws(Refusal) {
        typealias Key = StatisticsRequest.CodingKeys
        var reader = try MemberReader(body)
        users = reader.xuids(Key.requestedusers)
        scids = reader.scids(Key.requestedscids)
        try reader.check()
    }
}

extension MemberReader {
    fileprivate mutating func xuids(_ name: some CodingKey) -> [Int64] {
        var xuids: [Int64] = []
        var seen: Set<Int64> = []
        for value in values(name) {
            guard case .integer(let xuid) = value, xuid > 0 else {
                reject("\(name.stringValue) must be an array of xuids, which are numbers")
                return []
            }
            if seen.insert(xuid).inserted { xuids.append(xuid) }
        }
        return xuids
    }

    fileprivate mutating func scids(_ name: some CodingKey) -> [StatisticsRequest.RequestedScid] {
        var scids: [StatisticsRequest.RequestedScid] = []
        for value in values(name) {
            guard case .object(let members) = value, case .string(let scid)? = members["scid"],
                case .array(let names)? = members["requestedstats"]
            else {
                reject("\(name.stringValue) must be an array of objects with scid and requestedstats")
                return []
            }
            let texts = names.compactMap { if case .string(let text) = $0 { text } else { nil } }
            var seen: Set<String> = []
            if !GUID.isValid(scid) { reject("the scid \"\(scid.prefix(40))\" is not a GUID") }
            if texts.isEmpty || texts.count < names.count {
                reject("requestedstats must be an array of names, at least one")
            }
            let once = texts.filter { seen.insert($0.lowercased()).inserted }
            scids.append(StatisticsRequest.RequestedScid(scid: scid, requestedstats: once))
        }
        return scids
    }

    /// A required array with something in it.
    private mutating func values(_ name: some CodingKey) -> [JSONValue] {
        guard let values = array(name), !values.isEmpty else {
            reject("\(name.stringValue) must be an array with at least one entry")
            return []
        }
        return values
    }
}
