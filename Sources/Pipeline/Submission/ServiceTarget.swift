public import Transport
public import XboxServices

/// The services of one run and how to reach them.
public struct ServiceTarget: Sendable {
    /// Under which the journal keeps its records: the metadata service's address, or `local`, whose port changes.
    let name: String
    let endpoints: ServiceEndpoints
    let allowHosts: [String]
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
        name = "local"
        let base = try HTTPURL(parsing: url)
        endpoints = ServiceEndpoints(metadata: base, statistics: base, compute: base)
        allowHosts = []
        self.tokens = tokens
        polling = .nearby
        limits = [:]
    }

    /// Services that a pipeline file names.
    public init(_ options: RemoteService) throws(HTTPURLError) {
        for url in [options.metadata, options.stats, options.compute] {
            guard let url else { continue }
            let origin = try HTTPURL(parsing: url).origin
            guard origin.isSecure || origin.isLoopback else {
                throw HTTPURLError(url, reason: "plain http would show the token to the network; use https")
            }
        }
        // One service under one name, with or without the slash at the end.
        name = String(options.metadata.reversed().drop { $0 == "/" }.reversed())
        var statistics: HTTPURL?
        var compute: HTTPURL?
        if let url = options.stats { statistics = try HTTPURL(parsing: url) }
        if let url = options.compute { compute = try HTTPURL(parsing: url) }
        endpoints = ServiceEndpoints(
            metadata: try HTTPURL(parsing: options.metadata), statistics: statistics, compute: compute)
        allowHosts = options.allowHosts
        tokens = ConfiguredToken(options.token)
        limits = options.rates
        if case .environment(let name) = options.token { secretVariables = [name] }
        polling = endpoints.metadata.origin.isLoopback ? .nearby : Polling()
    }

    /// A URI as the journal keeps it: what is at the service's own address is kept without it, for the local
    /// service's port is another one each time.
    func stored(_ uri: String?) -> String? {
        let base = endpoints.metadata.origin.description
        guard let uri, uri.hasPrefix(base + "/") else { return uri }
        return String(uri.dropFirst(base.count))
    }
}

/// How often to ask for a clip's state.
public struct Polling: Hashable, Sendable {
    public var first: Duration = .seconds(1)
    public var longest: Duration = .seconds(15)
    /// After which the clip is left as "uploaded, not yet published".
    public var limit: Duration = .seconds(600)

    /// For a service on this machine, which a question costs nothing.
    static let nearby = Polling(first: .milliseconds(50))

    /// The wait after `wait`: half as long again.
    func next(after wait: Duration) -> Duration {
        min(wait * 3 / 2, longest)
    }
}
