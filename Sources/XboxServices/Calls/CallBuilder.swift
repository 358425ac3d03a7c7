import ClipModel
import FoundationEssentials
import Support
import Transport

/// Makes the calls of one service at one endpoint, with its common headers.
struct CallBuilder: Sendable {
    let service: Service
    let endpoint: HTTPURL
    let headers: HTTPHeaders

    static func gameClips(_ service: Service, _ endpoint: HTTPURL) -> CallBuilder {
        CallBuilder(
            service: service, endpoint: endpoint,
            headers: [
                "X-RequestedServiceVersion": "1", "Content-Type": "application/json",
                "Accept": "application/json", "Cache-Control": "no-cache",
            ])
    }

    /// A call to a path below the endpoint.
    func call(
        _ name: String, _ method: HTTPMethod, _ path: [String], query: [(name: String, value: String)] = [],
        body: HTTPBody = .none, isIdempotent: Bool = true, successes: Set<Int> = [200],
        window: RetryWindow? = nil
    ) throws(ServiceFailure) -> ServiceCall {
        let url: HTTPURL
        do {
            url = try endpoint.appending(path).merging(query)
        } catch {
            throw ServiceFailure(call: name, .badAddress(error), .giveUp)
        }
        let request = HTTPRequest(method, url, headers: headers, body: body, isRepeatable: isIdempotent)
        return ServiceCall(
            name: name, service: service, request: request, referrer: endpoint.origin, successes: successes,
            window: window)
    }

    /// A call to an address that the service gave us, absolute or relative to the endpoint.
    func call(
        _ name: String, _ method: HTTPMethod, uri: String, successes: Set<Int>, window: RetryWindow? = nil
    ) throws(ServiceFailure) -> ServiceCall {
        do {
            let request = HTTPRequest(method, try endpoint.resolving(uri), headers: headers)
            return ServiceCall(
                name: name, service: service, request: request, referrer: endpoint.origin,
                successes: successes,
                window: window)
        } catch {
            throw ServiceFailure(call: name, .badAddress(error), .giveUp)
        }
    }

    /// A request's body as JSON.
    static func json(_ value: some Encodable, for name: String) throws(ServiceFailure) -> HTTPBody {
        do {
            return .bytes(try CanonicalJSON.line(value))
        } catch {
            throw ServiceFailure(call: name, .unwritable("\(error)"), .giveUp)
        }
    }
}

extension ServiceCall {
    /// An answer's body as a value, for `RetryingCaller`.
    func reading<Value: Decodable>(_ type: Value.Type) -> (HTTPResponse) throws(ServiceFailure) -> Value {
        { response throws(ServiceFailure) in
            do throws(StrictJSON.Failure) {
                return try StrictJSON.decode(type, from: response.body)
            } catch {
                let reason: ServiceFailure.Kind =
                    if case .syntax(let error) = error { .notJSON(error) } else { .unexpectedJSON("\(error)") }
                throw ServiceFailure(self, reason, RetryDecision.recovery(ofUnreadableAnswerTo: self))
            }
        }
    }
}
