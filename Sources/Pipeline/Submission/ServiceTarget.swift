import SystemIO
public import Transport
public import XboxServices

/// The services of one run and how to reach them.
public struct ServiceTarget: Sendable {
    /// Under which the journal keeps its records: the metadata service's address, or `local`, whose port changes.
    public let name: String
    let endpoints: ServiceEndpoints
    var allowHosts: [String]
    /// Read when it was made, so that what is missing stops a run before it has begun.
    let tls: TLSFiles
    let authorization: AuthorizationForm?
    /// Asked before each request whether this process may still make any; nil where it always may.
    var mayCall: FencedTransport.Check?
    /// How long a call is tried again without progress; nil for the usual 15 min.
    public var retryTime: Duration?
    var tokens: any TokenSource
    /// How long after a question about a clip's state the next one waits.
    var polling: Polling
    /// How many requests each service takes; one without an entry any number.
    var limits: [Service: RateLimits]
    /// Names of the environment variables that hold a token.
    var secretVariables: Set<String> = []

    /// The local service inside this program.
    public init(localAt url: String, token: Token) throws(HTTPURLError) {
        try self.init(localAt: url, tokens: FixedToken(token))
    }

    /// The same, with whatever gives tokens.
    init(localAt url: String, tokens: any TokenSource) throws(HTTPURLError) {
        name = ServiceOptions.local.name
        let base = try HTTPURL(parsing: url)
        endpoints = ServiceEndpoints(metadata: base, statistics: base, compute: base)
        allowHosts = []
        tls = TLSFiles()
        authorization = nil
        self.tokens = tokens
        polling = .nearby
        limits = [:]
    }

    /// Services that a pipeline file names.
    ///
    /// - Throws: `HTTPURLError` for an address that can't be used, `FileError` for a certificate that is not there.
    public init(_ options: RemoteService) throws {
        for url in [options.metadata, options.stats, options.compute] {
            guard let url else { continue }
            let origin = try HTTPURL(parsing: url).origin
            guard origin.isSecure || origin.isLoopback else {
                throw HTTPURLError(url, reason: "plain http would show the token to the network; use https")
            }
        }
        name = options.name
        var statistics: HTTPURL?
        var compute: HTTPURL?
        if let url = options.stats { statistics = try HTTPURL(parsing: url) }
        if let url = options.compute { compute = try HTTPURL(parsing: url) }
        endpoints = ServiceEndpoints(
            metadata: try HTTPURL(parsing: options.metadata), statistics: statistics, compute: compute)
        allowHosts = options.allowHosts
        tls = try TLSFiles(options)
        authorization = options.authorization
        tokens = ConfiguredToken(options.token)
        limits = options.rates
        if case .environment(let name) = options.token { secretVariables = [name] }
        polling = endpoints.metadata.origin.isLoopback ? .nearby : Polling()
    }

    /// The services for one of `count` runs that are at work together, and that may call as long as it has its shard.
    public func divided(by count: Int, of ownership: ShardOwnership) -> ServiceTarget {
        var share = self
        share.limits = limits.mapValues { RateLimits(burst: $0.burst / count, sustain: $0.sustain / count) }
        let looking = BlockingPool("ownership", width: 2)
        share.mayCall = { () async throws(FileError) in
            try await looking.run { () throws(FileError) in try ownership.isHeld() }
        }
        return share
    }

    /// A URI as the journal keeps it: what is at the service's own address is kept without it, for the local
    /// service's port is another one each time.
    func stored(_ uri: String?) -> String? {
        let base = endpoints.metadata.origin.description
        guard let uri, uri.hasPrefix(base + "/") else { return uri }
        return String(uri.dropFirst(base.count))
    }
}

extension ServiceOptions {
    /// Under which the journal keeps its records.
    public var name: String {
        switch self {
        case .embedded: "local"
        case .remote(let remote): remote.name
        }
    }
}

extension RemoteService {
    /// One service under one name, with or without the slash at the end.
    fileprivate var name: String { String(metadata.reversed().drop { $0 == "/" }.reversed()) }
}

/// How often to ask for a clip's state.
public struct Polling: Hashable, Sendable {
    public var first: Duration = .seconds(1)
    public var longest: Duration = .seconds(15)
    /// After which the clip is left as "uploaded, not yet published".
    public var limit: Duration = .seconds(600)

    /// From one listing of clips to the next, but for short bursts (`RemoteIndex`).
    public var betweenLists: Duration = .seconds(1)
    /// For which a listing waits for others who want one: clips whose ids come back at the same time share it.
    public var gathering: Duration = .milliseconds(5)
    /// For which a list is asked for again that does not show what the service has just issued.
    public var patience: Duration = .seconds(60)

    /// How long after it was sent a request whose answer is not known is waited for, before a look at what came of it.
    public var arrival: Duration = .seconds(3)
    /// After which one that has not come does not come any more; each run until then looks for it.
    public var latestArrival: Duration = .seconds(3_600)

    /// For a service on this machine, which a question costs nothing.
    static let nearby = Polling(
        first: .milliseconds(50), betweenLists: .zero, gathering: .zero, arrival: .milliseconds(500))

    /// The wait after `wait`: half as long again.
    func next(after wait: Duration) -> Duration {
        min(wait * 3 / 2, longest)
    }
}
