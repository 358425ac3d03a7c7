/// Tells whoever runs the service of each request that has ended.
struct RequestReporting: Middleware {
    let configuration: LocalService.Configuration
    let tokens: Tokens

    func around(_ request: IncomingRequest, _ next: (IncomingRequest) -> Handling) -> Handling {
        var handling = next(request)
        let observe = handling.observe
        handling.observe = { event, record in
            observe(event, record)
            if case .ended = event { configuration.report(.request(report(request, record))) }
        }
        return handling
    }

    private func report(_ request: IncomingRequest, _ record: ExchangeRecord) -> RequestReport {
        RequestReport(
            method: request.method.beginning(20), path: tokens.masked(request.target.path),
            blockNumber: request.target.values("blockNum").first.flatMap(UInt32.init).map(String.init),
            status: record.status, bytesReceived: record.bytesReceived, bytesSent: record.bytesSent,
            isComplete: record.isComplete, duration: record.duration)
    }
}
