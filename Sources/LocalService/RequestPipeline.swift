/// The way of every request: through each middleware to the services, and back.
struct RequestPipeline: HTTPHandler {
    /// The first is the outermost.
    let middleware: [any Middleware]
    let services: Services

    /// - Parameters:
    ///   - control: Nil where tests of other programs have nothing to control.
    ///   - page: Nil where nobody looks.
    init(_ services: Services, log: RequestLog, control: ControlService?, page: PageService?) {
        let (configuration, tokens, faults) = (services.configuration, services.tokens, services.faults)
        // What comes for the control calls or the page is neither logged nor counted, and no fault is for it.
        let local = [control as (any Middleware)?, page].compactMap(\.self)
        middleware =
            [RequestReporting(configuration: configuration, tokens: tokens)] + local
            + [
                Authentication(configuration: configuration, tokens: tokens, faults: faults),
                RequestLogging(log: log, configuration: configuration, tokens: tokens),
                FaultInjection(faults: faults, records: services.gameClips.records),
                RateLimiting(configuration, faults),
            ]
        self.services = services
    }

    func handle(_ request: IncomingRequest) -> Handling {
        handle(request, middleware[...])
    }

    private func handle(_ request: IncomingRequest, _ rest: ArraySlice<any Middleware>) -> Handling {
        guard let first = rest.first else { return Handling { services.begin(request) } }
        return first.around(request) { handle($0, rest.dropFirst()) }
    }
}
