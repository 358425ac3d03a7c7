import ClipModel
import Glibc

/// What every request passes on its way to the calls, and every answer on its way back: the request log, the fault
/// plan and the rate limits.
struct RequestPipeline: HTTPHandler {
    let services: Services
    /// Nil where tests of other programs have nothing to control.
    let control: ControlService?
    /// Nil where nobody looks.
    let page: PageService?
    let log: RequestLog
    let faults: Faults
    let rates = RateLimiter()

    private var configuration: LocalService.Configuration { services.configuration }

    func admit(_ request: IncomingRequest) -> Admission {
        if control != nil, ControlService.isAbout(request) { return Admission() }
        if page != nil, PageService.isAbout(request) { return Admission() }
        let call = RoutedCall(request)
        let fault = call.flatMap { call in
            faults.fault(for: call) { call.clip.flatMap { try? services.gameClips.records.clip($0) }?.tag ?? 0 }
        }
        let path = services.tokens.masked("/" + request.target.segments.joined(separator: "/"))
        let number = log.add(
            LoggedRequest(
                number: 0, time: configuration.clock.now, method: String(request.method.prefix(20)),
                path: path.beginning(1_000),
                route: call?.route, clip: call?.clip, block: call?.block, fault: fault?.name))
        return Admission(number: number, fault: fault)
    }

    func begin(_ request: IncomingRequest) -> Reception {
        if let control, ControlService.isAbout(request) { return control.begin(request) }
        if let page, PageService.isAbout(request) { return page.begin(request) }
        if let excess = excess(of: request) { return .answer(.dropped(excess, request.target.errorStyle)) }
        return services.begin(request)
    }

    func holding(_ record: ExchangeRecord) {
        guard let number = record.number else { return }
        log.update(number) { $0.add(record) }
    }

    func answering(_ record: ExchangeRecord) {
        guard let number = record.number else { return }
        let now = configuration.clock.now
        log.update(number) { request in
            request.answered = now
            request.add(record)
        }
    }

    func ended(_ record: ExchangeRecord) {
        if let number = record.number {
            let now = configuration.clock.now
            let error = log.end(number) { request in
                request.answered = request.answered ?? now
                request.add(record)
                request.complete = record.isComplete
            }
            if let error { configuration.report(.problem("the request log can't be written: \(error)")) }
        }
        services.report(record)
    }

    /// Counts the request, if there is a limit; why it is dropped, if it is.
    private func excess(of request: IncomingRequest) -> RateWindows.Excess? {
        guard let resource = Resource(request.target.segments) else { return nil }
        guard let limit = faults.rate(of: resource.rateService) else { return nil }
        let claims = try? services.gameClips.claims(of: request)
        // Who fetches by a URI's key counts as its clip's owner; whose token is no good is nobody.
        guard let xuid = claims?.userId ?? (request.headers["authorization"] == nil ? resource.xuid : nil) else {
            return nil
        }
        let caller = RateLimiter.Caller(service: resource.rateService, xuid: xuid, titleId: claims?.titleId?.text ?? "")
        return rates.count(caller, at: configuration.clock.now, limit)
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

extension Resource {
    /// Whose clip a transfer URI names.
    fileprivate var xuid: String? {
        switch self {
        case .upload(let place), .download(let place), .thumbnailUpload(let place, _),
            .thumbnailDownload(let place, _):
            place.xuid
        case .clipList, .clips, .clip, .views, .statistics, .statisticsOfUser, .clusters, .allocationStatus: nil
        }
    }

    /// Which limit its requests are counted towards.
    fileprivate var rateService: RateLimit.Service {
        switch errorStyle {
        case .metadata: .metadata
        case .transfer: .transfer
        case .statistics: .statistics
        case .compute: .compute
        }
    }
}

extension ClipRow {
    /// A number that depends on what was asked for only, not on the id: another run of the same program has it too.
    fileprivate var tag: UInt64 {
        let text = "\(request.fileSize) \(request.durationInSeconds) \(request.dateRecorded)"
        // FNV-1a
        return text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

extension String {
    /// At most so many code points of it: what is kept of what a caller sends must not grow with it.
    func beginning(_ count: Int) -> String { String(UnicodeScalarView(unicodeScalars.prefix(count))) }
}
