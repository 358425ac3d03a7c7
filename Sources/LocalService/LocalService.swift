import ClipModel
import Dispatch
import MediaWorker
import SystemIO

/// The services on this machine: GameClips (uploads, processing, and downloads), user statistics and game server
/// management, with records that survive a restart.
///
/// Nothing of it runs on Swift's cooperative thread pool: requests are served on threads of the HTTP
/// server's, clips are processed on queues of their own.
public final class LocalService: Sendable {
    /// A token that the service takes: the first of its token file.
    public let developerToken: String
    /// The file of the certificate that clients of `TLS.generated` have to trust.
    public var certificateFile: String { services.gameClips.folders.certificate }
    /// `GET /` answers with a page to look at.
    public let hasPage: Bool
    private let configuration: Configuration
    private let services: Services
    private let log: RequestLog
    private let pipeline: RequestPipeline
    private let ownMedia: MediaWorkerPool?
    private let running: Locked<Running>

    private struct Running: ~Copyable {
        /// Until the service is stopped.
        var lock: FileLock?
        var server: HTTPServer?
    }

    /// Opens the data folder, makes what is missing in it, and reads the tokens; nothing is served yet.
    public convenience init(_ configuration: Configuration) throws(LocalServiceError) {
        let media = configuration.media ?? configuration.ownMediaPool
        try self.init(
            configuration, inspector: MediaInspector(media: media),
            ownMedia: configuration.media == nil ? media : nil)
    }

    /// - Parameter ownMedia: Workers that nobody else has, and that end with the service.
    init(
        _ configuration: Configuration, inspector: any ClipInspector, ownMedia: MediaWorkerPool? = nil
    ) throws(LocalServiceError) {
        self.ownMedia = ownMedia
        let folders = try LocalServiceError.wrapping { try Folders(root: configuration.dataFolder) }
        let lock = try LocalServiceError.locking(folders)
        folders.removeLeftovers()
        if configuration.tokensFile == nil { try Tokens.makeFile(at: folders.tokens) }
        let tokens = try Tokens(reading: configuration.tokensFile ?? folders.tokens)
        self.configuration = configuration
        developerToken = tokens.first
        let services = try Services(configuration, folders: folders, tokens: tokens, inspector: inspector)
        let log = try LocalServiceError.wrapping { try RequestLog(path: folders.requests) }
        let control =
            configuration.control
            ? ControlService(
                clock: configuration.clock, log: log, gameClips: services.gameClips, servers: services.compute.servers)
            : nil
        self.services = services
        let isLocal = SocketAddress(host: configuration.host, port: 0)?.isLoopback ?? false
        let page = configuration.page && isLocal ? PageService(services: services, log: log) : nil
        hasPage = page != nil
        self.log = log
        pipeline = RequestPipeline(services, log: log, control: control, page: page)
        try services.gameClips.sweep()
        running = Locked(Running(lock: lock, server: nil))
    }

    /// Starts to serve, and goes on with clips whose upload or processing was interrupted.
    @discardableResult
    public func start() throws(LocalServiceError) -> Address {
        if configuration.control, SocketAddress(host: configuration.host, port: 0)?.isLoopback == false {
            throw .controlNeedsLoopback(host: configuration.host)
        }
        let settings = HTTPServer.Settings(
            host: configuration.host, port: configuration.port, idleTimeout: configuration.idleTimeout,
            clock: configuration.clock,
            tls: try ServerCertificate(configuration.tls, host: configuration.host, folders: services.gameClips.folders)
        )
        let port = try running.withLock { (running) throws(LocalServiceError) in
            guard running.server == nil, running.lock != nil else { throw .startedBefore }
            let server = try HTTPServer(settings, handler: pipeline)
            let port = server.port
            running.server = consume server
            return port
        }
        services.gameClips.recover()
        return Address(host: configuration.host, port: port, isTLS: configuration.tls != nil)
    }

    /// Takes no more connections, lets requests that are under way end, and blocks until that is done.
    ///
    /// Clips that are being processed go on at the next start.
    public func stopAndWait() {
        var server = running.withLock { $0.server.take() }
        server.take()?.stop(patience: configuration.patience)
        services.gameClips.stop()
        running.withLock { $0.lock = nil }
    }

    /// The same, without holding the caller's thread; media workers are ended, too, unless they were given.
    public func stop() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                self.stopAndWait()
                continuation.resume()
            }
        }
        await ownMedia?.close()
    }
}

extension LocalService {
    /// The requests so far, in the order in which they came: at least the latest 20,000.
    public var requests: [LoggedRequest] { log.requests(RequestQuery()) }

    /// Those of them that a query picks.
    public func requests(_ query: RequestQuery) -> [LoggedRequest] { log.requests(query) }

    /// Replaces the fault plan; its rules count from here.
    public func setFaults(_ plan: FaultPlan) { services.faults.replace(plan) }
}
