import ClipModel

extension GameClipsService {
    /// A list: `GET /users/{ownerId}/clips`, `GET /users/{ownerId}/scids/{scid}/clips` and the others.
    func listClips(_ list: ListedClips, _ request: IncomingRequest) throws -> OutgoingResponse {
        let claims = try reader(request)
        let xuid = try list.owner.map { try userId(of: $0, claims) }
        if let titleId = list.titleId, UInt32(titleId) == nil {
            throw Refusal.badRequest("the titleId is not a number")
        }
        let query = try ListQuery(request.target)
        let lag = faults.listLag
        let scids = (list.scid.map { [$0] } ?? claims.scid)?.map { $0.lowercased() }
        let filter = ClipRecords.Filter(
            xuid: xuid, scids: scids, titleId: list.titleId, isSaved: list.isSaved, sandbox: claims.sandboxId ?? "",
            audience: audience(of: xuid, claims), types: query.types,
            eventId: query.eventId, latest: lag > .zero ? configuration.clock.now.advanced(by: .zero - lag) : nil)
        let base = baseURL(for: request)
        let lifetime = faults.uriLifetime
        let page = try records.page(filter, order: query.order, start: query.start, count: query.maxItems)
        return .json(
            ClipPage(
                gameClips: page.clips.map { $0.gameClip(base: base, uriLifetime: lifetime) },
                pagingInfo: .init(continuationToken: page.next?.token(query.order), totalItems: page.total))
        ).decorated().conditional(on: request)
    }
}

/// The answer of a list; the token is written as `null` on the last page.
private struct ClipPage: Encodable {
    let gameClips: [WithUnknownFields<GameClip>]
    let pagingInfo: Info

    struct Info: Encodable {
        let continuationToken: String?
        let totalItems: Int

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(continuationToken, forKey: .continuationToken)
            try container.encode(totalItems, forKey: .totalItems)
        }

        enum CodingKeys: String, CodingKey { case continuationToken, totalItems }
    }
}

/// The query of a list.
private struct ListQuery {
    var order: ClipRecords.Order
    var start: ClipRecords.Start
    var maxItems: Int
    var types: [GameClipType]
    var eventId: String?

    init(_ target: RequestTarget) throws(Refusal) {
        func value(_ name: String) throws(Refusal) -> String? {
            let values = target.values(name)
            guard values.count < 2 else { throw .badRequest("\(name) is there more than once") }
            return values.first
        }
        func number(_ name: String, from least: Int) throws(Refusal) -> Int? {
            guard let text = try value(name) else { return nil }
            guard let number = Int(text), number >= least, text.utf8.first != 0x2b else {
                throw .badRequest("\(name) is not a whole number from \(least)")
            }
            return number
        }
        let direction = try value("order") ?? "D"
        guard direction == "D" || direction == "A" else { throw .badRequest("order is neither D nor A") }
        // One page of the reference misspells the parameter.
        let (spelled, misspelled) = (try value("qualifier"), try value("qualifer"))
        guard let qualifier = ClipRecords.Qualifier(rawValue: spelled ?? misspelled ?? "created") else {
            throw .badRequest("qualifier is none of created, rating, views")
        }
        order = ClipRecords.Order(qualifier: qualifier, isAscending: direction == "A")
        maxItems = min(try number("maxItems", from: 1) ?? ServiceLimits.defaultItems, ServiceLimits.mostItems)
        let skipped = try number("skipItems", from: 0) ?? 0
        if let token = try value("continuationToken"), !token.isEmpty {
            guard token.utf8.count <= ServiceLimits.longestContinuationToken,
                let position = ClipRecords.Position(token: token, order)
            else { throw .badRequest("the continuationToken is not one of this list") }
            start = .after(position)
        } else {
            start = .skipping(skipped)
        }
        types = GameClipTypes(parsing: try value("type") ?? "").types
        if let unknown = types.first(where: { !$0.isListed }) {
            throw .badRequest("type: \"\(unknown.rawValue.prefix(40))\" is not known")
        }
        eventId = try value("eventId")
    }
}
