import ClipModel
import SQLite

/// What the page shows, as the JSON that it asks for every second.
struct PageState: Encodable {
    /// Another one when the service was started again.
    var service: String
    var totals: Totals
    /// A page of those in which the text is found that was asked for.
    var clips: [Clip]
    /// How many these are, on how many pages, and which of them this is, from 0.
    var found: Int
    var pages: Int
    var page: Int
    /// In the order in which they came.
    var requests: [LoggedRequest]
    /// The fault plan in force.
    var rules: [Rule]

    private static let mostClips = 100
    private static let mostRequests = 150

    struct Totals: Encodable {
        var published = 0
        var underWay = 0
        var failed = 0
        var requests: Int
        var faults: Int
        var servers: Int
        var queued: Int
    }

    struct Rule: Encodable {
        var name: String
        var calls: Int
        var applied: Int
    }

    struct Clip: Encodable {
        var id: String
        var xuid: String
        var caption: String
        var state: GameClipState
        /// Why the state is `Error`.
        var reason: String?
        var seconds: UInt32
        var size: UInt32
        var views: Int64
        /// How many blocks are there, of how many, while it is being uploaded.
        var stored: Int?
        var blocks: UInt32?
        var published: Timestamp?
    }

    /// Which clips somebody wants to see.
    struct Query {
        var text = ""
        var order = ClipRecords.Arrangement.newest
        /// From 0; one behind the last is the last.
        var page = 0

        /// From the query of a request; what is not understood is as if it weren't there.
        init(_ target: RequestTarget) {
            text = target.values("find").first ?? ""
            order = target.values("order").first.flatMap(ClipRecords.Arrangement.init) ?? .newest
            page = max(0, target.values("page").first.flatMap { Int($0) } ?? 0)
        }
    }

    init(
        _ query: Query, _ service: String, _ services: Services, _ log: RequestLog, servers: (running: Int, queued: Int)
    ) throws {
        self.service = service
        let (latest, count) = log.latest(Self.mostRequests)
        requests = latest
        rules = services.faults.counts.map { Rule(name: $0.name, calls: $0.calls, applied: $0.applied) }
        totals = Totals(
            requests: count, faults: rules.reduce(0) { $0 + $1.applied }, servers: servers.running,
            queued: servers.queued)
        let gameClips = services.gameClips
        for (state, count) in try gameClips.records.counts() {
            switch state {
            case .deleted: continue
            case .published: totals.published += count
            case .pendingUpload, .uploaded, .processing, .processed, .publishing: totals.underWay += count
            default: totals.failed += count
            }
        }
        found = try gameClips.records.count(finding: query.text)
        pages = max(1, (found + Self.mostClips - 1) / Self.mostClips)
        page = min(query.page, pages - 1)
        let records = try gameClips.records.page(page, of: Self.mostClips, finding: query.text, query.order)
        clips = records.map { record in
            Clip(
                id: record.id, xuid: record.xuid, caption: record.request.userCaption ?? "", state: record.state,
                reason: record.failure, seconds: record.request.durationInSeconds, size: record.request.fileSize,
                views: record.views,
                stored: record.state == .pendingUpload ? gameClips.uploads.stored(of: record.id) ?? 0 : nil,
                blocks: record.request.expectedBlocks, published: record.published)
        }
    }
}
