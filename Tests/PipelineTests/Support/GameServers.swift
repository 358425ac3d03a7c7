import ClipModel
import Foundation
import SystemIO
import TestSupport
import Transport
import XboxServices

/// Game server management as a model: counts what it gives, and loses answers as it is told. A second request for a
/// session is a second instance, as it is with the real one.
final class GameServers: HTTPTransport {
    /// What becomes of a request.
    enum Fate: Sendable {
        case answered
        /// Carried out, and nobody learns of it.
        case lostAnswer
        /// Not carried out, and nobody learns of that.
        case lostRequest
        /// Not carried out.
        case refused(Int)
        /// Carried out, and answered with an error all the same.
        case refusedAfterwards(Int)
        /// Carried out or not, and the process ends: nothing is answered any more.
        case killed(carriedOut: Bool)
    }

    private struct State {
        var allocations = 0
        /// Of the latest allocation: states that the questions for its status are answered with, the last one for good.
        var states: [String]?
        var requests: [String] = []
        var aborts: [Bool] = []
        var isDead = false
        /// When the latest allocation shows in answers.
        var shows = Duration.zero
    }

    private let state = Locked(State())
    private let states: [String]
    private let fate: @Sendable (_ number: Int, _ method: String) -> Fate
    private let answer: String
    private let clock: ManualClock
    private let delay: Duration

    /// - Parameters:
    ///   - answer: The state that a new request is answered with.
    ///   - states: Those that follow.
    ///   - delay: After so long on `clock` a request shows in the answers to questions.
    ///   - fate: By the number of the request from 0, and its method.
    init(
        _ answer: String, then states: String..., delay: Duration = .zero,
        clock: ManualClock = ManualClock(movesByItself: true),
        fate: @escaping @Sendable (Int, String) -> Fate = { _, _ in .answered }
    ) {
        self.answer = answer
        self.states = states
        self.delay = delay
        self.clock = clock
        self.fate = fate
    }

    var allocations: Int { state.withLock { $0.allocations } }
    var requests: [String] { state.withLock { $0.requests } }
    var aborts: [Bool] { state.withLock { $0.aborts } }
    var isDead: Bool { state.withLock { $0.isDead } }

    /// As after the process was started again.
    func revive() { state.withLock { $0.isDead = false } }

    func perform(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let url = request.url.withoutQuery
        let number = try state.withLock { state throws(TransportError) in
            guard !state.isDead else { throw TransportError(.cancelled, url: url, mayHaveBeenSent: false) }
            state.requests.append(request.method.rawValue)
            return state.requests.count - 1
        }
        let lost = TransportError(.connectionLost, url: url, mayHaveBeenSent: true)
        switch fate(number, request.method.rawValue) {
        case .answered: return carryOut(request)
        case .lostRequest: throw lost
        case .lostAnswer:
            _ = carryOut(request)
            throw lost
        case .refused(let status): return HTTPResponse(status: status, headers: [:], body: Data())
        case .refusedAfterwards(let status):
            _ = carryOut(request)
            return HTTPResponse(status: status, headers: [:], body: Data())
        case .killed(let carriedOut):
            if carriedOut { _ = carryOut(request) }
            state.withLock { $0.isDead = true }
            throw TransportError(.cancelled, url: url, mayHaveBeenSent: true)
        }
    }

    private func carryOut(_ request: HTTPRequest) -> HTTPResponse {
        state.withLock { state in
            guard request.method == .get else {
                state.allocations += 1
                state.shows = clock.now.offset + delay
                state.states = [answer] + states
                if case .bytes(let body) = request.body {
                    state.aborts.append(String(decoding: body, as: UTF8.self).contains(#""abortIfQueued":"true""#))
                }
                return json(#"{"pollIntervalMilliseconds": "2000", "fulfillmentState": "\#(answer)"}"#)
            }
            guard var states = state.states, states != ["Gone"], clock.now.offset >= state.shows else {
                return HTTPResponse(status: 404, headers: [:], body: Data())
            }
            if states.count > 1 { states.removeFirst() }
            state.states = states
            if states == ["Gone"] { return HTTPResponse(status: 404, headers: [:], body: Data()) }
            let ports = #"[{"Key": "Game-UDP", "Value": {"internal": "10100", "external": 30001}}]"#
            return states[0] == "Fulfilled"
                ? json(
                    #"{"status": "Fulfilled", "hostName": "h.example", "region": "North", "portMappings": \#(ports)}"#)
                : json(#"{"status": "\#(states[0])", "hostName": "", "portMappings": []}"#)
        }
    }

    private func json(_ text: String) -> HTTPResponse {
        HTTPResponse(status: 200, headers: [:], body: Data(text.utf8))
    }
}
