/// Keeps all bodies that go up together below a limit: each gets an equal share, which libcurl sees to.
struct UploadLimit {
    private let ask: (@Sendable () -> Int64?)?
    private var askedAt: Duration?
    /// Bytes a second; nil for no limit.
    private var limit: Int64?

    /// - Parameter ask: The limit as it is now.
    init(_ ask: (@Sendable () -> Int64?)?) {
        self.ask = ask
    }

    /// How long the limit is sure to stay as it is.
    var validity: Duration { ask == nil ? .seconds(60) : .seconds(1) }

    /// Asks what the limit is, unless it was asked a moment ago.
    mutating func renew(at now: Duration) {
        guard let ask, askedAt.map({ now - $0 >= validity }) ?? true else { return }
        askedAt = now
        limit = ask()
    }

    /// A body goes up in pieces of one buffer, so a low limit needs small ones.
    func applied(to configuration: CurlConfiguration) -> CurlConfiguration {
        guard let limit else { return configuration }
        var configuration = configuration
        let piece = Int(clamping: limit) / max(1, configuration.connections) / 16
        configuration.uploadBuffer = min(configuration.uploadBuffer, max(16 << 10, piece))
        return configuration
    }

    /// Gives each transfer that still has something to send its share.
    func share(among transfers: some Collection<Transfer>) {
        guard ask != nil else { return }
        let sending = transfers.filter(\.isSending)
        let share = limit.map { max(1, $0 / Int64(max(1, sending.count))) }
        for transfer in sending { transfer.limit(to: share ?? 0) }
    }
}
