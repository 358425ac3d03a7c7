import SystemIO
import Foundation
import TestSupport
import Testing
import Transport

@testable import XboxServices

/// Answers from a script, and remembers what it was asked.
final class ScriptedTransport: HTTPTransport {
    typealias Answer = Result<HTTPResponse, TransportError>

    private let script: @Sendable (HTTPRequest, _ number: Int) async -> Answer
    private let seen = Locked<[HTTPRequest]>([])

    /// - Parameter script: Gets each request with its number, from 0.
    init(_ script: @escaping @Sendable (HTTPRequest, _ number: Int) async -> Answer) {
        self.script = script
    }

    /// Gives the answers in turn; the last one again for what comes after.
    convenience init(_ answers: Answer...) {
        self.init { _, number in answers[min(number, answers.count - 1)] }
    }

    var requests: [HTTPRequest] { seen.withLock { $0 } }

    func perform(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let number = seen.withLock { seen in
            seen.append(request)
            return seen.count - 1
        }
        return try await script(request, number).get()
    }
}

extension Result<HTTPResponse, TransportError> {
    static func status(_ status: Int, _ headers: HTTPHeaders = [:], _ body: String = "") -> Self {
        .success(HTTPResponse(status: status, headers: headers, body: Data(body.utf8)))
    }

    static func lost(_ kind: TransportError.Kind, sent: Bool) -> Self {
        .failure(TransportError(kind, url: "http://127.0.0.1:8080/x", mayHaveBeenSent: sent))
    }
}

/// A session on a script, with a clock that moves by itself and the longest jitter.
struct Bench {
    let transport: ScriptedTransport
    let clock: ManualClock
    let session: ServiceSession
    let log = AttemptLog()

    static let token = "very-secret-token"

    init(
        _ transport: ScriptedTransport, clock: ManualClock = ManualClock(movesByItself: true),
        metadata: String = "http://127.0.0.1:8080", allowHosts: [String] = [],
        tokens: (any TokenSource)? = nil,
        change: (inout ServiceSettings) -> Void = { _ in }
    ) throws {
        self.transport = transport
        self.clock = clock
        var settings = ServiceSettings()
        settings.clock = clock
        settings.wallClock = { Date(timeIntervalSince1970: 784_111_777) }
        settings.random = HighestNumber()
        change(&settings)
        let endpoints = ServiceEndpoints(
            metadata: try HTTPURL(parsing: metadata),
            statistics: try HTTPURL(parsing: "http://127.0.0.1:8081"),
            compute: try HTTPURL(parsing: "http://127.0.0.1:8082"))
        session = try ServiceSession(
            endpoints, allowHosts: allowHosts, transport: transport,
            tokens: tokens ?? FixedToken(try #require(Token(Self.token, userHash: "hash"))),
            settings: settings,
            observer: log)
    }

    init(_ answers: ScriptedTransport.Answer...) throws {
        try self.init(ScriptedTransport { _, number in answers[min(number, answers.count - 1)] })
    }

    var clips: GameClipsClient { GameClipsClient(session) }
}

/// Makes jitter the longest that it can be. It has a member because the thread sanitizer stumbles over the
/// address of an empty value.
struct HighestNumber: RandomNumberGenerator {
    private var number = UInt64.max

    init() {}

    mutating func next() -> UInt64 { number }
}

/// Keeps what an observer is told.
final class AttemptLog: RequestObserver {
    private let all = Locked<[RequestAttempt]>([])

    func attemptEnded(_ attempt: RequestAttempt) {
        all.withLock { $0.append(attempt) }
    }

    var attempts: [RequestAttempt] { all.withLock { $0 } }
}

/// The failure that something ends with.
func failure<Value>(
    sourceLocation: SourceLocation = #_sourceLocation, of body: () async throws -> Value
) async throws -> ServiceFailure {
    do {
        let value = try await body()
        Issue.record("succeeded with \(value)", sourceLocation: sourceLocation)
        throw UnexpectedSuccess()
    } catch let failure as ServiceFailure {
        return failure
    }
}

struct UnexpectedSuccess: Error {}
