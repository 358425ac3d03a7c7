import ClipModel

/// Drops what exceeds the limit of its service, if there is a limit.
struct RateLimiting: Middleware {
    let configuration: LocalService.Configuration
    let faults: Faults
    private let limiter = RateLimiter()

    init(_ configuration: LocalService.Configuration, _ faults: Faults) {
        self.configuration = configuration
        self.faults = faults
    }

    func around(_ request: IncomingRequest, _ next: (IncomingRequest) -> Handling) -> Handling {
        var handling = next(request)
        guard let resource = request.route.resource else { return handling }
        let begin = handling.begin
        handling.begin = {
            excess(of: request, resource).map { .answer(.dropped($0, resource.errorStyle)) } ?? begin()
        }
        return handling
    }

    /// Counts the request; why it is dropped, if it is.
    private func excess(of request: IncomingRequest, _ resource: Resource) -> RateWindows.Excess? {
        guard let limit = faults.rate(of: resource.rateService) else { return nil }
        let claims: Claims? = if case .success(let claims) = request.caller { claims } else { nil }
        // Who fetches by a URI's key counts as its clip's owner; whose token is no good is nobody.
        guard let xuid = claims?.userId ?? (request.headers["authorization"] == nil ? resource.xuid : nil) else {
            return nil
        }
        let caller = RateLimiter.Caller(service: resource.rateService, xuid: xuid, titleId: claims?.titleId?.text ?? "")
        return limiter.count(caller, at: configuration.clock.now, limit)
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
