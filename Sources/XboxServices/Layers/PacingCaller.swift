import FoundationEssentials
import Transport

/// Keeps every caller of a service to its limits and to the pauses that it asks for.
struct PacingCaller<Next: ServiceCaller>: ServiceCaller {
    let next: Next
    let pacers: [Service: Pacer]
    let wallClock: @Sendable () -> Date

    func answer(to call: ServiceCall) async throws(ServiceFailure) -> HTTPResponse {
        guard let pacer = pacers[call.service] else { return try await next.answer(to: call) }
        let ticket: Int
        do {
            ticket = try await pacer.admit(latestStart: call.latestStart)
        } catch {
            switch error {
            case .cancelled: throw ServiceFailure(call, .cancelled, .retry(after: nil))
            case .tooLong(let duration):
                throw ServiceFailure(call, .paused(duration), .retry(after: duration))
            }
        }
        defer { pacer.answered(ticket) }
        let response = try await next.answer(to: call)
        if let pause = RetryAfter.pause(response.head, now: wallClock()) { pacer.pause(pause) }
        return response
    }
}
