/// Keeps the token that is in use, and fetches a new one once for all who wait for it.
actor TokenCache {
    private let source: any TokenSource
    private var current: Token?
    private var fetch: Task<Token, any Error>?

    init(_ source: any TokenSource) {
        self.source = source
    }

    /// The token in use; another one than `refused` if there is one or the source has one.
    ///
    /// - Returns: nil if the source has nothing but the refused token.
    /// - Throws: what the source throws.
    func token(otherThan refused: Token? = nil) async throws -> Token? {
        if let current, current != refused { return current }
        let fetch = self.fetch ?? Task { [source] in try await source.token(replacing: refused) }
        self.fetch = fetch
        do {
            let token = try await fetch.value
            finish(fetch, with: token)
            return token == refused ? nil : token
        } catch {
            finish(fetch, with: nil)
            throw error
        }
    }

    /// The first of those who waited keeps the outcome for all.
    private func finish(_ done: Task<Token, any Error>, with token: Token?) {
        guard fetch == done else { return }
        fetch = nil
        if let token { current = token }
    }
}
