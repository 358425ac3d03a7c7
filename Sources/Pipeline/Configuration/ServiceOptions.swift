import ClipModel
import ConfigFiles
import SystemIO
public import XboxServices

/// The `service` section: where clips go and who says so.
public enum ServiceOptions: Encodable, Hashable, Sendable {
    /// The local service, run inside this program for as long as it takes.
    case embedded(LocalServiceOptions)
    case remote(RemoteService)
}

extension ServiceOptions {
    /// The local service with nothing but clips in it.
    public static let local = ServiceOptions.embedded(LocalServiceOptions())
}

/// What the local service inside this program has to tell and to give.
public struct LocalServiceOptions: Encodable, Hashable, Sendable {
    /// The file of statistics; nil for none.
    public var statistics: String?
    /// Server instances that run at once; nil for as many as are asked for.
    public var servers: Int?
    /// After which a request that waits for an instance gets one more; nil for never.
    public var queueTime: Duration?

    public init() {}

    /// Relative paths start at `folder`.
    init(_ node: YAMLNode, folder: String, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "\"local\"", collector: collector)
        statistics = reader.string("statistics", "the path of a statistics file").map {
            Path.resolve($0, below: folder)
        }
        servers = reader.integer("servers", in: 0...1_000_000).map(Int.init)
        queueTime = reader.value("queueTime", DurationText.expected) { $0.text.flatMap(DurationText.parse) }
        reader.finish()
    }
}

/// Services that are reached over the network.
public struct RemoteService: Encodable, Hashable, Sendable {
    /// Base URL of the GameClips metadata service.
    public var metadata: String
    public var stats: String?
    public var compute: String?
    /// Hosts besides these to which the service may send us, such as the transfer host.
    public var allowHosts: [String]
    public var token: TokenLocation
    /// How the token is written; nil for what the token and the service ask for.
    public var authorization: AuthorizationForm?
    /// A PEM file, or a folder of certificates, of the authorities to trust; absolute. Nil for those that the
    /// environment names, or the system's.
    public var certificates: String?
    /// What is shown to a service that asks who is calling.
    public var clientCertificate: ClientCertificateFiles?
    /// How many requests each service takes; one without an entry any number.
    public var rates: [Service: RateLimits] {
        get { Dictionary(orderedRates.map { ($0.service, $0.limits) }) { $1 } }
        set { orderedRates = Service.allCases.compactMap { service in newValue[service].map { Rate(service, $0) } } }
    }
    /// In order, so that equal options have equal digests.
    private var orderedRates: [Rate] = []

    private struct Rate: Encodable, Hashable {
        let service: Service
        let limits: RateLimits

        init(_ service: Service, _ limits: RateLimits) {
            self.service = service
            self.limits = limits
        }

        private enum CodingKeys: String, CodingKey { case service, burst, sustain }

        func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: CodingKeys.self)
            try members.encode(service.rawValue, forKey: .service)
            try members.encode(limits.burst, forKey: .burst)
            try members.encode(limits.sustain, forKey: .sustain)
        }
    }

    public init(
        metadata: String, stats: String? = nil, compute: String? = nil, allowHosts: [String] = [], token: TokenLocation
    ) {
        self.metadata = metadata
        self.stats = stats
        self.compute = compute
        self.allowHosts = allowHosts
        self.token = token
        rates = ServiceSettings.usualLimits
    }
}

/// A certificate of the caller's own and its key, in PEM; absolute paths.
public struct ClientCertificateFiles: Encodable, Hashable, Sendable {
    public var file: String
    public var key: String

    public init(file: String, key: String) {
        self.file = file
        self.key = key
    }
}

/// Where the caller's token is found; never the token itself.
public enum TokenLocation: Encodable, Hashable, Sendable {
    case environment(String)
    case file(String)
    /// A command line, and the folder that it is run in.
    case command(String, folder: String)
}

extension ServiceOptions {
    /// A relative path of a token file starts at `folder`.
    init(_ node: YAMLNode, folder: String, collector: DiagnosticCollector) {
        self = .local
        if let text = node.text {
            if text != "local" {
                collector.report(
                    "\"service\": expected local, or a mapping with metadata: URL or local: {...}, found \(node.found)",
                    at: node.mark)
            }
            return
        }
        var reader = MappingReader(node, what: "\"service\"", collector: collector)
        if let node = reader.node("local") {
            self = .embedded(LocalServiceOptions(node, folder: folder, collector: collector))
            reader.finish()
            return
        }
        let url = "a URL such as https://gameclipsmetadata.xboxlive.com"
        let isURL = { (node: YAMLNode) in
            node.text.flatMap { $0.hasPrefix("https://") || $0.hasPrefix("http://") ? $0 : nil }
        }
        let metadata = reader.required("metadata", url).flatMap { reader.check($0, "metadata", url, isURL) }
        let stats = reader.value("stats", url, isURL)
        let compute = reader.value("compute", url, isURL)
        let hosts = reader.list("allowHosts", of: "a host name") { node in
            node.text.flatMap { $0.contains("/") ? nil : $0 }
        }
        let token = reader.required("token", "env: NAME, file: PATH or command: LINE")
            .flatMap { TokenLocation($0, folder: folder, collector: collector) }
        let authorization = reader.choice("authorization", AuthorizationForm.allCases.map { ($0.rawValue, $0) })
        let certificates = reader.string("certificates", "the path of a PEM file or of a folder of certificates")
        let clientCertificate = reader.node("clientCertificate")
            .flatMap { ClientCertificateFiles($0, folder: folder, collector: collector) }
        let rates = reader.node("rates").map { Self.rates($0, collector: collector) }
        reader.finish()
        guard let metadata, let token else { return }
        var remote = RemoteService(
            metadata: metadata, stats: stats, compute: compute, allowHosts: hosts ?? [], token: token)
        remote.authorization = authorization
        remote.certificates = certificates.map { Path.resolve($0, below: folder) }
        remote.clientCertificate = clientCertificate
        for (service, limits) in rates ?? [:] { remote.rates[service] = limits }
        self = .remote(remote)
    }

    /// What is said of each service; nil for no limit.
    private static func rates(_ node: YAMLNode, collector: DiagnosticCollector) -> [Service: RateLimits?] {
        var reader = MappingReader(node, what: "\"rates\"", collector: collector)
        let names: [(String, Service)] = [
            ("metadata", .metadata), ("transfer", .transfer), ("stats", .statistics), ("compute", .compute),
        ]
        let expected = "BURST/SUSTAIN, requests in 15 s and in 300 s, such as 100/300, or none"
        var rates: [Service: RateLimits?] = [:]
        for (name, service) in names {
            let limits: RateLimits?? = reader.value(name, expected) { node in
                guard let text = node.text else { return nil }
                return text == "none" ? .some(nil) : RateLimits(parsing: text).map { .some($0) }
            }
            if let limits { rates.updateValue(limits, forKey: service) }
        }
        reader.finish()
        return rates
    }
}

extension ClientCertificateFiles {
    fileprivate init?(_ node: YAMLNode, folder: String, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "\"clientCertificate\"", collector: collector)
        let path = "the path of a PEM file"
        let file = reader.required("file", path).flatMap { reader.check($0, "file", path, \.text) }
        let key = reader.required("key", path).flatMap { reader.check($0, "key", path, \.text) }
        reader.finish()
        guard let file, let key else { return nil }
        self.init(file: Path.resolve(file, below: folder), key: Path.resolve(key, below: folder))
    }
}

extension TokenLocation {
    fileprivate init?(_ node: YAMLNode, folder: String, collector: DiagnosticCollector) {
        var reader = MappingReader(
            node, what: "\"token\" (env: NAME, file: PATH or command: LINE)", collector: collector)
        let places = [
            reader.string("env").map(TokenLocation.environment),
            reader.string("file").map { TokenLocation.file(Path.resolve($0, below: folder)) },
            reader.string("command").map { TokenLocation.command($0, folder: folder) },
        ].compactMap(\.self)
        reader.finish()
        // Anything but a mapping is reported already.
        guard case .mapping = node.content else { return nil }
        guard let place = places.first, places.count == 1 else {
            collector.report("\"token\": expected exactly one of env, file and command", at: node.mark)
            return nil
        }
        self = place
    }
}
