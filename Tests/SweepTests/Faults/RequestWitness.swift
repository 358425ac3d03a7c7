import Foundation
import SystemIO
import TestSupport
import Transport

/// Stands between the client and the network, tells the clock what is under way, and keeps what was sent and answered:
/// what the client knew at each moment, which the service's log can't say.
final class RequestWitness: HTTPTransport {
    struct Exchange: Sendable {
        /// What makes two requests the same one, sent again.
        var identity: String
        /// Whose attempt it is: equal requests of several tasks are not one that is sent again.
        var task: Int
        /// Whoever sees it sees a token of the bench only.
        var authorization: String?
        var method: HTTPMethod
        var path: String
        /// In the order of all beginnings and ends.
        var begin: Int
        var end = Int.max
        var beginTime: Duration
        var endTime = Duration.zero
        /// Nil if there was no whole answer.
        var answer: HTTPResponse?
        /// Why there was none.
        var failure: TransportError?

        var isTransfer: Bool { !path.hasPrefix("/users/") }
        var isInitialRequest: Bool { method == .post && path.hasSuffix("/clips") }
        var isList: Bool { method == .get && path.hasSuffix("/clips") }
        var retryAfter: String? { answer?.headers["Retry-After"] }
    }

    /// Waits as long as a request is to be held.
    typealias Hold = @Sendable (HTTPRequest) async -> Void

    private let next: any HTTPTransport
    private let time: VirtualTime
    private let hold: Hold
    private let state = Locked(State())

    private struct State {
        var order = 0
        var exchanges: [Exchange] = []
    }

    init(_ next: any HTTPTransport, _ time: VirtualTime, hold: @escaping Hold = { _ in }) {
        self.next = next
        self.time = time
        self.hold = hold
    }

    var exchanges: [Exchange] { state.withLock { $0.exchanges } }

    func perform(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        time.requestBegins()
        let index = begin(request)
        await hold(request)
        do throws(TransportError) {
            let answer = try await next.perform(request)
            end(index, .success(answer))
            return answer
        } catch {
            end(index, .failure(error))
            throw error
        }
    }

    private func begin(_ request: HTTPRequest) -> Int {
        var identity = "\(request.method.rawValue) \(request.url.text)"
        // Initial requests of several clips differ in their bodies only.
        if request.method == .post, case .bytes(let body) = request.body {
            identity += " " + String(decoding: body, as: UTF8.self)
        }
        let now = time.now.offset
        let task = VirtualTime.currentTask
        return state.withLock { [identity] state in
            state.order += 1
            state.exchanges.append(
                Exchange(
                    identity: identity, task: task, authorization: request.headers["Authorization"],
                    method: request.method, path: request.url.path, begin: state.order, beginTime: now))
            return state.exchanges.count - 1
        }
    }

    private func end(_ index: Int, _ outcome: Result<HTTPResponse, TransportError>) {
        let now = time.now.offset
        state.withLock { state in
            state.order += 1
            state.exchanges[index].end = state.order
            state.exchanges[index].endTime = now
            switch outcome {
            case .success(let answer): state.exchanges[index].answer = answer
            case .failure(let error): state.exchanges[index].failure = error
            }
        }
        // The layers below the one that tells of attempts go on with these by themselves.
        if case .success(let answer) = outcome, [301, 307, 401].contains(answer.status) { time.requestIsDigested() }
    }
}
