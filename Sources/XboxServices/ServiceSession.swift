public import Transport

/// What all clients share: endpoints, transport, token, pauses and limits of each service.
///
/// Calls pass through the layers from the top: retrying, authorising, pacing, redirecting, transport.
public struct ServiceSession: Sendable {
    let endpoints: ServiceEndpoints
    private let hosts: HostPolicy
    let caller: RetryingCaller<AuthorisingCaller<PacingCaller<RedirectingCaller>>>

    /// - Parameter allowHosts: hosts beside the endpoints that may get bytes and the token: `host` or
    ///   `host:port`.
    /// - Throws: `HTTPURLError` for an allowed host that is not one.
    public init(
        _ endpoints: ServiceEndpoints, allowHosts: [String] = [], transport: any HTTPTransport,
        tokens: any TokenSource, settings: ServiceSettings = ServiceSettings(),
        observer: (any RequestObserver)? = nil
    ) throws(HTTPURLError) {
        self.endpoints = endpoints
        let clock = Stopwatch(settings.clock)
        var pacers: [Service: Pacer] = [:]
        for service in Service.allCases { pacers[service] = Pacer(settings.limits[service], clock: clock) }
        hosts = try HostPolicy(endpoints, allowHosts: allowHosts)
        let redirecting = RedirectingCaller(transport: transport, hosts: hosts)
        let pacing = PacingCaller(next: redirecting, pacers: pacers, wallClock: settings.wallClock)
        caller = RetryingCaller(
            next: AuthorisingCaller(next: pacing, tokens: TokenCache(tokens), form: settings.authorization),
            policy: settings.backOff, clock: clock,
            wallClock: settings.wallClock, random: RandomSource(settings.random), observer: observer)
    }

    /// Whether calls go to an address that GameClips gave (`HostPolicy`).
    public func mayReach(_ url: HTTPURL) -> Bool {
        hosts.refusal(of: url, from: endpoints.metadata.origin) == nil
    }
}
