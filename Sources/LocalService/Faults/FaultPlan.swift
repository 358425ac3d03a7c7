import ClipModel

/// What is to go wrong with which calls, and what else makes a client's life hard.
public struct FaultPlan: Hashable, Sendable {
    /// For rules with a probability: equal seeds make equal calls fail.
    public var seed: UInt64 = 0
    /// For each call, the first rule that applies is the one that does.
    public var rules: [Rule] = []
    /// How long upload and download URIs are good; nil for the service's setting.
    public var uriLifetime: Duration?
    /// How long a refresh of expired URIs takes; nil for the service's setting.
    public var refreshTime: Duration?
    /// How long a token is good after its first use; nil for the service's setting.
    public var tokenLifetime: Duration?
    /// How long a clip is in no list after it was asked for; a look at it by its id shows it at once.
    public var listLag = Duration.zero
    /// Limits that replace the service's.
    public var rates: [RateLimit.Service: RateLimit] = [:]

    /// Nothing goes wrong.
    public init() {}

    /// Only these rules.
    public init(_ rules: [Rule], seed: UInt64 = 0) {
        self.rules = rules
        self.seed = seed
    }
}

extension FaultPlan {
    /// Which calls, and what happens to them.
    public struct Rule: Hashable, Sendable {
        /// What the request log calls it; `rule 1`, `rule 2`, ... where it has none.
        public var name: String?
        /// Nil for every call.
        public var calls: Set<ServiceRoute>?
        /// Only requests with these block numbers.
        public var blocks: Set<Int64>?
        /// What is counted together.
        public var per = Counting.service
        /// Which of the calls that it is about, counted from 1.
        public var selection = Selection.all
        /// At most so many times; nil for any number.
        public var times: Int?
        /// Held back for so long before it acts: the answer, or the end of the connection.
        public var delay = Duration.zero
        /// Bytes of the request's body that are read in a second; nil for as fast as they come.
        public var throttle: Int64?
        /// Nil for an answer that is late or read slowly, and otherwise as it should be.
        public var act: Act?

        /// - Parameter calls: nil for every call.
        public init(_ calls: Set<ServiceRoute>? = nil, _ act: Act? = nil) {
            self.calls = calls
            self.act = act
        }
    }

    /// Which of the calls that a rule is about.
    public enum Selection: Hashable, Sendable {
        case all
        /// These, counted from 1.
        case nth(Set<Int>)
        /// Every so many, the first of them that one.
        case every(Int)
        /// By chance, from 0 to 1.
        case probability(Double)
    }

    /// What a rule counts together.
    public enum Counting: String, Hashable, Sendable, CaseIterable {
        /// All calls to the service.
        case service
        /// The calls about each clip by themselves.
        case clip
        /// The calls with each block of each clip by themselves.
        case block
    }

    /// What happens to a call.
    public enum Act: Hashable, Sendable {
        /// An answer that the service did not mean: only with `afterEffect` was the call carried out. In the location
        /// that a redirect leads to, `{target}` stands for the path and query that were asked for, which is also where
        /// it leads without one.
        case answer(
            status: Int, retryAfter: RetryAfter? = nil, body: String? = nil, location: String? = nil,
            afterEffect: Bool = false)
        /// The connection is closed.
        case close(FaultPoint)
        /// The connection is reset (RST).
        case reset(FaultPoint)
        /// The call is carried out, and the answer breaks off in the middle.
        case truncateAnswer
        /// The call is carried out, and the answer has its status but is not JSON.
        case malformedAnswer
        /// The service stops reading in the middle of the body, until the client gives up or is idle for too long.
        case stall
    }

    /// Where a connection ends.
    public enum FaultPoint: String, Hashable, Sendable, CaseIterable {
        /// The request was read, and nothing done.
        case beforeAnswer
        /// The call was carried out.
        case afterStored
        /// About half of the request's body was read, and nothing done.
        case midBody
    }

    /// The two forms of `Retry-After`.
    public enum RetryAfter: Hashable, Sendable {
        case seconds(Int)
        /// A date so many seconds ahead, by the service's clock.
        case date(Int)
    }
}

extension FaultPlan {
    /// Statuses that come with a location.
    static let redirects = [301, 302, 303, 307, 308]
}

extension FaultPlan.Act {
    /// Whether the call is carried out.
    var hasEffect: Bool {
        switch self {
        case .answer(_, _, _, _, let afterEffect): afterEffect
        case .close(let place), .reset(let place): place == .afterStored
        case .truncateAnswer, .malformedAnswer: true
        case .stall: false
        }
    }

    /// It happens before the body is read to its end.
    var isMidBody: Bool {
        switch self {
        case .close(let place), .reset(let place): place == .midBody
        case .stall: true
        case .answer, .truncateAnswer, .malformedAnswer: false
        }
    }
}

/// What goes wrong with one request.
struct Fault: Hashable, Sendable {
    /// The rule's name.
    var name: String
    var act: FaultPlan.Act?
    var delay: Duration
    var throttle: Int64?
}

/// Bytes a second.
struct ByteRate: Hashable, Sendable {
    var bytesPerSecond: Int64

    /// Reads `100kB/s`; nil for anything else, or nothing at all a second.
    init?(parsing text: String) {
        guard text.hasSuffix("/s"), let amount = ByteCount(parsing: text.dropLast(2)), amount.bytes > 0 else {
            return nil
        }
        bytesPerSecond = amount.bytes
    }
}
