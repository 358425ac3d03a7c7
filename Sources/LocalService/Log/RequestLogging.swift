/// Keeps the request log.
struct RequestLogging: Middleware {
    let log: RequestLog
    let configuration: LocalService.Configuration
    let tokens: Tokens

    func around(_ request: IncomingRequest, _ next: (IncomingRequest) -> Handling) -> Handling {
        var handling = next(request)
        let call = RoutedCall(request)
        let number = log.add(
            LoggedRequest(
                number: 0, time: configuration.clock.now, method: request.method.beginning(20),
                path: tokens.masked(request.target.path).beginning(1_000), route: call?.route, clip: call?.clip,
                block: call?.block, fault: handling.fault?.name))
        let observe = handling.observe
        handling.observe = { event, record in
            observe(event, record)
            update(number, event, record)
        }
        return handling
    }

    private func update(_ number: Int, _ event: ExchangeEvent, _ record: ExchangeRecord) {
        switch event {
        case .held:
            log.update(number) { $0.add(record) }
        case .answering:
            let now = configuration.clock.now
            log.update(number) { request in
                request.answered = now
                request.add(record)
            }
        case .ended:
            let now = configuration.clock.now
            let error = log.end(number) { request in
                request.answered = request.answered ?? now
                request.add(record)
                request.complete = record.isComplete
            }
            if let error { configuration.report(.problem("the request log can't be written: \(error)")) }
        }
    }
}

extension LoggedRequest {
    fileprivate mutating func add(_ record: ExchangeRecord) {
        status = record.status
        retryAfter = record.retryAfter
        bytesReceived = record.bytesReceived
        bytesSent = record.bytesSent
        clip = clip ?? record.outcome?.clip
        session = session ?? record.outcome?.session?.beginning(1_000)
        stored = route?.changes == true && record.outcome.map { (200..<300).contains($0.status) } == true
    }
}

extension String {
    /// At most so many code points of it: what is kept of what a caller sends must not grow with it.
    func beginning(_ count: Int) -> String { String(UnicodeScalarView(unicodeScalars.prefix(count))) }
}
