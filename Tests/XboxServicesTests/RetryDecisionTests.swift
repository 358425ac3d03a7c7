import Foundation
import Testing
import Transport

@testable import XboxServices

/// The protocol's table of what may be made again.
@Suite struct RetryDecisionTests {
    private func call(isIdempotent: Bool) throws -> ServiceCall {
        let url = try HTTPURL(parsing: "http://127.0.0.1/")
        return ServiceCall(
            name: "a call", service: .metadata,
            request: HTTPRequest(.post, url, isRepeatable: isIdempotent), referrer: url.origin,
            successes: [200])
    }

    @Test(arguments: [
        (400, Recovery.giveUp), (401, .notAllowed), (403, .notAllowed), (404, .giveUp), (406, .giveUp),
        (408, .retry(after: nil)), (410, .giveUp), (416, .giveUp), (429, .retry(after: nil)),
        (500, .retry(after: nil)),
        (501, .giveUp), (502, .retry(after: nil)), (503, .retry(after: nil)), (504, .retry(after: nil)),
        (507, .retry(after: nil)),
        (304, .giveUp), (302, .giveUp), (299, .giveUp),
    ])
    func `a status for a call that may be repeated`(status: Int, recovery: Recovery) throws {
        #expect(try RetryDecision.recovery(call(isIdempotent: true), status: status, retryAfter: nil) == recovery)
    }

    @Test(arguments: [
        (400, Recovery.giveUp), (401, .notAllowed), (403, .notAllowed), (404, .giveUp), (408, .reconcile),
        (429, .retry(after: .seconds(7))), (500, .reconcile), (501, .reconcile), (502, .reconcile),
        (503, .retry(after: .seconds(7))), (504, .reconcile), (507, .retry(after: .seconds(7))),
        (201, .reconcile),
    ])
    func `a status for a call that must not be repeated blindly`(status: Int, recovery: Recovery) throws {
        let decision = try RetryDecision.recovery(call(isIdempotent: false), status: status, retryAfter: .seconds(7))
        #expect(decision == recovery)
    }

    @Test(arguments: [
        (TransportError.Kind.couldNotResolve, Recovery.retry(after: nil)),
        (.couldNotConnect, .retry(after: nil)),
        (.tlsFailed, .retry(after: nil)), (.timedOut(.connect), .retry(after: nil)),
        (.timedOut(.idle), .retry(after: nil)), (.timedOut(.answer), .retry(after: nil)),
        (.connectionLost, .retry(after: nil)), (.malformedResponse, .retry(after: nil)),
        (.cancelled, .retry(after: nil)), (.certificateRefused, .mendHere),
        (.certificateUnusable, .mendHere), (.refusedInsecure, .giveUp),
        (.badURL, .giveUp), (.bodySource(CancellationError()), .giveUp),
        (.responseTooLarge(limit: 1), .giveUp),
    ])
    func `an answer that did not come`(kind: TransportError.Kind, recovery: Recovery) throws {
        let unsent = TransportError(kind, url: "", mayHaveBeenSent: false)
        let sent = TransportError(kind, url: "", mayHaveBeenSent: true)
        #expect(try RetryDecision.recovery(call(isIdempotent: true), sent) == recovery)
        #expect(try RetryDecision.recovery(call(isIdempotent: false), unsent) == recovery)
        #expect(try RetryDecision.recovery(call(isIdempotent: false), sent) == .reconcile)
    }

    @Test func `an answer that can not be read`() throws {
        #expect(try RetryDecision.recovery(ofUnreadableAnswerTo: call(isIdempotent: true)) == .giveUp)
        #expect(try RetryDecision.recovery(ofUnreadableAnswerTo: call(isIdempotent: false)) == .reconcile)
    }
}
