import Transport

/// A call as the layers below see it.
struct ServiceCall: Sendable {
    /// For messages, such as `the initial upload request`.
    var name: String
    var service: Service
    /// Complete but for `Authorization`.
    var request: HTTPRequest
    /// Who gave us the address: the endpoint.
    var referrer: HTTPOrigin
    /// The statuses that are what was asked for.
    var successes: Set<Int>
    /// Shared by calls that count as one effort.
    var window: RetryWindow?
    /// When an attempt may start at the latest, on the session's clock; set by the layer that retries.
    var latestStart: Duration?
    /// Changes the request before each attempt.
    var prepare: (@Sendable (inout HTTPRequest) -> Void)?
    /// Called when an attempt is answered with 429 or 503: the service has too much to do.
    var refused: (@Sendable () -> Void)?

    /// Whether making the call twice does no harm.
    var isIdempotent: Bool { request.isRepeatable }
}

/// Makes a call and returns the answer, whatever its status. The layers of the stack are such callers around
/// one another.
protocol ServiceCaller: Sendable {
    func answer(to call: ServiceCall) async throws(ServiceFailure) -> HTTPResponse
}
