public import ClipModel

extension GameClipsClient {
    /// Bytes of a page: a hundred clips, each with the title data that it may have (10 KB, six times as long where all of it is
    /// escaped), have 6.5 MB. What is made of a page takes several times as much.
    private static let largestPage = 6_600_000

    /// One page of an owner's clips, in one service configuration or in all (`GET .../clips`).
    public func clipPage(
        owner: ClipOwner = .me, scid: String?, _ query: ClipQuery = ClipQuery(), window: RetryWindow? = nil
    ) async throws(ServiceFailure) -> WithUnknownFields<GameClipPage> {
        try await clipPage(of: ClipList(owner: owner, scid.map { .scid($0) } ?? .everything), query, window: window)
    }

    /// One page of a list.
    public func clipPage(
        of list: ClipList, _ query: ClipQuery = ClipQuery(), window: RetryWindow? = nil
    ) async throws(ServiceFailure) -> WithUnknownFields<GameClipPage> {
        try await sizedPage(of: list, query, window: window).page
    }

    /// The same, with the bytes of the answer.
    fileprivate func sizedPage(
        of list: ClipList, _ query: ClipQuery, window: RetryWindow? = nil
    ) async throws(ServiceFailure) -> (page: WithUnknownFields<GameClipPage>, size: Int) {
        var call = try metadata.call("listing clips", .get, list.path, query: query.parameters, window: window)
        call.request.destination = .memory(limit: Self.largestPage)
        let read = call.reading(WithUnknownFields<GameClipPage>.self)
        return try await session.caller.value(of: call) { response throws(ServiceFailure) in
            (try read(response), response.body.count)
        }
    }

    /// All pages from the query's place on.
    public func clipPages(owner: ClipOwner = .me, scid: String?, _ query: ClipQuery = ClipQuery())
        -> ClipPages
    {
        clipPages(of: ClipList(owner: owner, scid.map { .scid($0) } ?? .everything), query)
    }

    /// All pages of a list from the query's place on.
    public func clipPages(of list: ClipList, _ query: ClipQuery = ClipQuery()) -> ClipPages {
        ClipPages(client: self, list: list, query: query)
    }
}

/// Pages of clips, each fetched when it is asked for.
public struct ClipPages: AsyncSequence, Sendable {
    let client: GameClipsClient
    let list: ClipList
    let query: ClipQuery

    /// Starts at the query's place.
    public func makeAsyncIterator() -> Iterator {
        Iterator(pages: self, query: query)
    }

    /// Fetches one page after the other.
    public struct Iterator: AsyncIteratorProtocol {
        let pages: ClipPages
        /// Nil behind the last page.
        var query: ClipQuery?
        var seen: Set<String> = []
        private var pageCount = 0
        private var clipCount = 0
        private var byteCount = 0
        private var emptyPages = 0

        private static let mostClips = 200_000
        /// Of all pages, as JSON.
        private static let mostBytes = 64 << 20
        /// In all, however many pages there are: at one a second there may be more than 200,000 clips in it.
        private static let longest = Duration.seconds(7_200)
        private var start: Duration
        /// In a row: a service may look for what is asked for page by page.
        private static let mostEmptyPages = 200

        init(pages: ClipPages, query: ClipQuery) {
            self.pages = pages
            self.query = query
            start = pages.client.session.caller.clock.now
        }

        /// The next page; nil behind the last.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation)
            async throws(ServiceFailure)
            -> WithUnknownFields<GameClipPage>?
        {
            guard var query else { return nil }
            guard clipCount < Self.mostClips, byteCount < Self.mostBytes, emptyPages < Self.mostEmptyPages,
                pages.client.session.caller.clock.now - start < Self.longest
            else {
                self.query = nil
                throw ServiceFailure(call: "listing clips", .pagesDoNotEnd(pageCount), .giveUp)
            }
            let (page, size) = try await pages.client.sizedPage(of: pages.list, query)
            guard let token = page.pagingInfo?.continuationToken, !token.isEmpty else {
                self.query = nil
                return page
            }
            guard seen.insert(token).inserted else {
                self.query = nil
                throw ServiceFailure(call: "listing clips", .pagesRepeat, .giveUp)
            }
            pageCount += 1
            clipCount += page.gameClips.count
            byteCount += size
            emptyPages = page.gameClips.isEmpty ? emptyPages + 1 : 0
            query.continuationToken = token
            self.query = query
            return page
        }
    }
}
