import ClipModel
import FoundationEssentials
import SystemIO

/// A page to look at in a browser: clips, requests and faults as they come.
///
/// It needs no token, so it is there on a loopback address only, and nothing that a browser asks for on behalf of
/// another site is answered. It shows no token and no key of a URI: pictures and clips come from addresses of its own,
/// which count as nobody's views and pass no fault plan. It changes nothing.
struct PageService: Middleware {
    let services: Services
    let log: RequestLog
    /// Tells the page that the service was started again.
    private let instance = RandomText.hexadecimal(bytes: 8)

    init(services: Services, log: RequestLog) {
        self.services = services
        self.log = log
    }

    func around(_ request: IncomingRequest, _ next: (IncomingRequest) -> Handling) -> Handling {
        request.route == .page ? Handling { begin(request) } : next(request)
    }

    private func begin(_ request: IncomingRequest) -> Reception {
        do {
            guard request.method == "GET" || request.method == "HEAD" else {
                throw Refusal.notAllowed(request.method, ["GET", "HEAD"])
            }
            guard LocalCaller.isLocal(request) else { throw Refusal.forbidden("the page is for this machine only") }
            return .answer(guarded(try answer(to: request)))
        } catch {
            return .answer(guarded(services.gameClips.refused(error, .metadata)))
        }
    }

    private func answer(to request: IncomingRequest) throws -> OutgoingResponse {
        let segments = request.target.segments
        switch (segments.count, segments.last ?? "") {
        case (0, _): return file(PackageResources.page_html, "text/html; charset=utf-8")
        case (2, "page.css"): return file(PackageResources.page_css, "text/css; charset=utf-8")
        case (2, "page.js"): return file(PackageResources.page_js, "text/javascript; charset=utf-8")
        case (2, "icon.svg"), (1, "favicon.ico"): return file(PackageResources.icon_svg, "image/svg+xml")
        case (2, "state"): return .json(try state(.init(request.target)))
        case (4, let kind) where segments[1] == "clips" && ["video", "thumbnail"].contains(kind):
            let service = services.gameClips
            guard ClipIdentifier.isValid(segments[2]), let clip = try service.records.clip(segments[2]),
                clip.state == .published
            else { throw Refusal.notFound("there is no such published clip") }
            return kind == "video"
                ? try service.serve(service.folders.clip(clip.id), type: "video/mp4", tag: clip.id, request)
                : try service.serve(
                    service.folders.thumbnail(clip.id, .large), type: "image/jpeg", tag: clip.modified.description,
                    request)
        default: throw Refusal.notFound("there is nothing at this path")
        }
    }

    private func state(_ query: PageState.Query) throws -> PageState {
        try PageState(
            query, instance, services, log,
            servers: services.compute.servers.withPool(at: services.configuration.clock.now) {
                ($0.running, $0.queued)
            })
    }

    private func file(_ bytes: [UInt8], _ type: String) -> OutgoingResponse {
        OutgoingResponse(
            status: 200, headers: [.init(name: "Content-Type", value: type)], body: .data(Data(bytes)))
    }

    /// With what keeps a browser from running, loading or showing elsewhere anything but the page's own files.
    private func guarded(_ response: OutgoingResponse) -> OutgoingResponse {
        var response = response
        response.set(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
                + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
        response.set("X-Content-Type-Options", "nosniff")
        response.set("Referrer-Policy", "no-referrer")
        response.set("Cross-Origin-Resource-Policy", "same-origin")
        response.set("Cross-Origin-Opener-Policy", "same-origin")
        if response.header("Cache-Control") == nil { response.set("Cache-Control", "no-store") }
        return response
    }
}

/// Who asks without a token: a program on this machine, or a page of this service in a browser on it.
enum LocalCaller {
    static func isLocal(_ request: IncomingRequest) -> Bool {
        let host = (request.header("Host") ?? "").lowercased()
        let name = host.hasPrefix("[") ? host.dropFirst().prefix { $0 != "]" } : host.prefix { $0 != ":" }
        // A name that only begins like an address may be anybody's and lead here all the same (DNS rebinding).
        guard SocketAddress(host: String(name), port: 0)?.isLoopback ?? false else { return false }
        // What a browser sends along; other programs send nothing.
        return ["same-origin", "none", nil].contains(request.header("Sec-Fetch-Site"))
            || request.header("Sec-Fetch-Mode") == "navigate"
    }
}
