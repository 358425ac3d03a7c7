import SystemIO

/// Keeps the token that is in use, and fetches a new one once for all who wait for it.
actor TokenCache {
    private let source: any TokenSource
    private var current: Token?
    private(set) var fetch: Fetch?

    /// One that is under way.
    struct Fetch {
        var task: Task<Token, any Error>
        /// How many wait for it who were not cancelled.
        var waiting: Int
    }

    init(_ source: any TokenSource) {
        self.source = source
    }

    /// The token in use; another one than `refused` if there is one or the source has one.
    ///
    /// - Returns: nil if the source has nothing but the refused token.
    /// - Throws: what the source throws; it is cancelled when everybody who waits for it is.
    func token(otherThan refused: Token? = nil) async throws -> Token? {
        if let current, current != refused { return current }
        let task = join(replacing: refused)
        let result = await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            Task(executorPreference: Blocking.threads) { await self.leave(task) }
        }
        // The failure is thrown below; none is kept.
        finish(task, with: try? result.get())
        let token = try result.get()
        return token == refused ? nil : token
    }

    private func join(replacing refused: Token?) -> Task<Token, any Error> {
        // It may read a file, or run a command.
        let task =
            fetch?.task
            ?? Task(executorPreference: Blocking.threads) { [source] in try await source.token(replacing: refused) }
        fetch = Fetch(task: task, waiting: (fetch?.waiting ?? 0) + 1)
        return task
    }

    private func leave(_ task: Task<Token, any Error>) {
        guard let fetch, fetch.task == task else { return }
        self.fetch?.waiting -= 1
        if fetch.waiting == 1 { task.cancel() }
    }

    /// The first of those who waited keeps the outcome for all.
    private func finish(_ done: Task<Token, any Error>, with token: Token?) {
        guard fetch?.task == done else { return }
        fetch = nil
        if let token { current = token }
    }
}
