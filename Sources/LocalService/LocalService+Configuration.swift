public import ClipModel
public import MediaWorker

extension LocalService {
    /// How a local service is set up.
    public struct Configuration: Sendable {
        /// The folder that everything is kept in; made if it isn't there.
        ///
        /// One service at a time uses it.
        public var dataFolder: String
        /// A numeric address to listen on; only programs on this machine reach the default.
        public var host = "127.0.0.1"
        /// 0 takes a free port, see `Address`.
        public var port: UInt16 = 0
        /// How connections are encrypted; nil for plain HTTP.
        public var tls: TLS?
        /// The JSON file of tokens and their claims; nil for `tokens.json` in the data folder, which is
        /// written with one random token at the first start.
        public var tokensFile: String?
        /// The most bytes that the clips of one user may have together; nil for any number.
        public var quota: Int64?
        /// When the answer to the initial request has thumbnail URIs.
        public var thumbnailURIs = ThumbnailURIs.uploadOnly
        /// Where a client takes `uploadId` from.
        public var uploadIds = UploadIds.gameClipId
        /// How long a clip stays in each state.
        public var delays = Delays()
        /// How many clips are processed at once.
        public var processingThreads = 2
        /// Looks at clips; nil for workers of the service's own, which are this program started again.
        public var media: MediaWorkerPool?
        /// How long `stop` lets requests that are under way go on.
        public var patience = Duration.seconds(5)
        /// Seconds without a byte moved until a connection is closed.
        public var idleTimeout = 60
        /// What is to go wrong with calls; what it says of lifetimes and rates comes before the settings below.
        public var faults = FaultPlan()
        /// How long upload and download URIs are good; nil for ever.
        public var uriLifetime: Duration?
        /// How long a refresh of expired URIs takes: until then an old one answers 500.
        public var refreshTime = Duration.seconds(35)
        /// How long a token is good after its first use, whatever its file says; nil for ever.
        public var tokenLifetime: Duration?
        /// Limits for each user and title; absent for none. Only for statistics are figures published.
        public var rates: [RateLimit.Service: RateLimit] = [.statistics: .publishedForStatistics]
        /// What `POST /batch` answers from.
        public var statistics = StatisticsTable()
        /// The server instances that game server management has to give.
        public var servers = ServerSettings()
        /// Serve `/_control`, by which other programs' tests move the clock, ask the request log and replace the fault
        /// plan; only on a loopback address.
        public var control = false
        /// Serve a page to look at, `GET /`; only on a loopback address.
        public var page = false
        /// The service's time: dates, expiry, rate windows, how long a clip stays in a state.
        public var clock: any ServiceClock = MovableClock()
        /// Called on any thread with each thing that happens; must not block for long.
        public var report: @Sendable (LocalServiceEvent) -> Void = { _ in }

        /// The defaults, with everything kept in `dataFolder`.
        public init(dataFolder: String) {
            self.dataFolder = dataFolder
        }
    }

    /// How connections are encrypted.
    public enum TLS: Hashable, Sendable {
        /// With a certificate that nobody else has signed, `certificate.pem` in the data folder, made at the first
        /// start; clients have to be told to trust it.
        case generated
        /// With a certificate (and those that it depends on) and its key, in PEM files.
        case files(certificate: String, key: String)
    }

    /// When the answer to the initial request has thumbnail URIs.
    public enum ThumbnailURIs: String, Sendable, CaseIterable {
        /// Only if the request's `thumbnailSource` is `Upload`.
        case uploadOnly
        /// Always, as a sample in the reference has it.
        case always
    }

    /// Where a client takes `uploadId` from.
    public enum UploadIds: String, Sendable, CaseIterable {
        /// It is the `gameClipId`; `uploadUri` has no query.
        case gameClipId
        /// It is an opaque text that `uploadUri` has in its query.
        case inQuery
    }

    /// How long a clip stays in each state before the next step.
    public struct Delays: Hashable, Sendable {
        /// `Uploaded`: everything is there, nothing was looked at.
        public var uploaded: Duration
        /// `Processing`: the stay before the file is looked at.
        public var processing: Duration
        /// `Processed`.
        public var processed: Duration
        /// `Publishing`.
        public var publishing: Duration

        /// The same for each state; 100 ms unless another is given.
        public init(each delay: Duration = .milliseconds(100)) {
            uploaded = delay
            processing = delay
            processed = delay
            publishing = delay
        }

        /// Nil for states that a clip does not leave by itself.
        subscript(state: GameClipState) -> Duration? {
            switch state {
            case .uploaded: uploaded
            case .processing: processing
            case .processed: processed
            case .publishing: publishing
            default: nil
            }
        }
    }

    /// Where a running service is reached.
    public struct Address: Hashable, Sendable, CustomStringConvertible {
        /// As it was configured.
        public let host: String
        /// The port that is listened on, never 0.
        public let port: UInt16
        /// Connections are encrypted.
        public let isTLS: Bool

        /// Such as `http://127.0.0.1:8080`, without a slash at the end.
        public var baseURL: String {
            "\(isTLS ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }

        /// The base URL.
        public var description: String { baseURL }
    }
}

/// Something that happened in a local service.
public enum LocalServiceEvent: Sendable {
    /// A request has ended.
    case request(RequestReport)
    /// A clip came into a state; `reason` says why it is `Error`.
    case clip(id: String, state: GameClipState, reason: String?)
    /// A server was asked for.
    case server(session: String, state: FulfillmentState)
    /// Something that the service's user should know.
    case problem(String)
}

/// A request that has ended.
///
/// Nothing of it is secret: no header, no key of a URI.
public struct RequestReport: Sendable {
    /// `GET`, `PUT`, ...
    public var method: String
    /// The path, percent-decoded, without its query.
    public var path: String
    /// The block that was sent, as the query names it.
    public var blockNumber: String?
    /// Nil if the connection was lost before an answer.
    public var status: Int?
    /// Bytes of the request's body.
    public var bytesReceived: Int64
    /// Bytes of the answer's body.
    public var bytesSent: Int64
    /// The answer went out whole.
    public var isComplete: Bool
    /// From the request line to the end of the answer.
    public var duration: Duration
}

extension LocalService.Configuration {
    /// Of a service to which no workers are given.
    var ownMediaPool: MediaWorkerPool {
        MediaWorkerPool(width: processingThreads) { [report] in report(.problem($0)) }
    }
}
