import ClipModel
import FoundationEssentials

/// The GameClips calls: finds the call that a request is, checks what is common to all, and turns errors into
/// answers.
struct GameClipsService: Sendable {
    let configuration: LocalService.Configuration
    let folders: Folders
    let tokens: Tokens
    let records: ClipRecords
    let uploads: Uploads
    let processor: ClipProcessor
    let faults: Faults

    init(
        _ configuration: LocalService.Configuration, folders: Folders, tokens: Tokens,
        inspector: any ClipInspector
    ) throws(LocalServiceError) {
        self.configuration = configuration
        self.folders = folders
        self.tokens = tokens
        faults = Faults(configuration)
        records = try ClipRecords(path: folders.database)
        uploads = Uploads(folders: folders)
        processor = ClipProcessor(
            records: records, folders: folders, inspector: inspector, configuration: configuration)
    }

    func begin(_ request: HTTPRequest) -> Reception {
        guard let resource = Resource(request.target.segments) else {
            return .answer(.refusal(.notFound("there is nothing at this path"), style: .metadata).decorated())
        }
        let reception = answering(resource.errorStyle) {
            guard resource.methods.contains(request.method) else {
                var refusal = Refusal(405, "\(request.method.prefix(20)) is not allowed here")
                refusal.headers = [.init(name: "Allow", value: resource.methods.joined(separator: ", "))]
                throw refusal
            }
            try checkVersion(of: request)
            return try receive(request, resource)
        }
        return reception
    }

    func ended(_ record: ExchangeRecord) {
        guard let request = record.request else { return }
        configuration.report(
            .request(
                RequestReport(
                    method: String(request.method.prefix(20)),
                    path: tokens.masked("/" + request.target.segments.joined(separator: "/")),
                    blockNumber: request.target.values("blockNum").first, status: record.status,
                    bytesReceived: record.bytesReceived, bytesSent: record.bytesSent,
                    isComplete: record.isComplete, duration: record.duration)))
    }

    /// Lets what is being processed come to a place from which the next start goes on.
    func stop() {
        processor.stop()
    }

    private func receive(_ request: HTTPRequest, _ resource: Resource) throws -> Reception {
        let isRead = request.method == "GET" || request.method == "HEAD"
        switch resource {
        case .clipsOfUser(let owner):
            return .answer(try listClips(of: owner, scid: nil, request))
        case .clips(let owner, let scid) where isRead:
            return .answer(try listClips(of: owner, scid: scid, request))
        case .clips(let owner, let scid):
            return try initialUpload(owner, scid: scid, request)
        case .clip(let owner, let scid, let id) where isRead:
            return .answer(try getClip(owner, scid: scid, id: id, request))
        case .clip(let owner, let scid, let id) where request.method == "DELETE":
            return .answer(try deleteClip(owner, scid: scid, id: id, request))
        case .clip(let owner, let scid, let id):
            return try updateClip(owner, scid: scid, id: id, request)
        case .upload(let place):
            return try putBlock(place, request)
        case .thumbnailUpload(let place, let type):
            return try putThumbnail(place, type, request)
        case .download(let place):
            return .answer(try download(place, nil, request))
        case .thumbnailDownload(let place, let type):
            return .answer(try download(place, type, request))
        }
    }

    private func checkVersion(of request: HTTPRequest) throws(Refusal) {
        for version in request.headers["x-requestedserviceversion"] ?? []
        where version != "1" && version != "vnext" {
            throw Refusal(406, "X-RequestedServiceVersion must be 1 or vnext")
        }
    }
}

extension GameClipsService {
    /// Who asks.
    func claims(of request: HTTPRequest) throws(Refusal) -> Claims {
        try tokens.claims(
            authorization: request.header("Authorization"), now: configuration.clock.now,
            lifetime: faults.tokenLifetime)
    }

    /// Runs `body`; what it throws becomes an answer.
    func answering(_ style: ErrorStyle, _ body: () throws -> Reception) -> Reception {
        do {
            return try body()
        } catch {
            return .answer(refused(error, style))
        }
    }

    /// The same for what is done with a body.
    func answering(_ style: ErrorStyle, _ body: () throws -> HTTPResponse) -> HTTPResponse {
        do {
            return try body()
        } catch {
            return refused(error, style)
        }
    }

    func refused(_ error: any Error, _ style: ErrorStyle) -> HTTPResponse {
        let refusal = Refusal(error)
        if refusal.status >= 500, !refusal.isPlanned { configuration.report(.problem("\(error)")) }
        return .refusal(refusal, style: style).decorated()
    }

    /// A request whose JSON body `handle` answers.
    func withBody(
        of request: HTTPRequest, _ handle: @escaping (Data) throws -> HTTPResponse
    ) throws(Refusal) -> Reception {
        let tooLarge = Refusal.badBody("the body has more than \(ServiceLimits.largestBody) bytes")
        guard (request.contentLength ?? 0) <= ServiceLimits.largestBody else { throw tooLarge }
        if let type = request.header("Content-Type") {
            let name = type.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
            guard name == "application/json" else {
                throw .badRequest("Content-Type must be application/json")
            }
        }
        let tooLargeAnswer = HTTPResponse.refusal(tooLarge, style: .metadata).decorated()
        return .body(
            DataReceiver(limit: ServiceLimits.largestBody, tooLarge: tooLargeAnswer) { data in
                answering(.metadata) { try handle(data) }
            })
    }

    /// Where the caller reaches this service: what it has connected to, so that it finds the answer's URIs at
    /// the host that it knows.
    func baseURL(for request: HTTPRequest) -> String {
        let host = request.header("Host") ?? ""
        let isPlain =
            !host.isEmpty
            && host.utf8.allSatisfy { byte in
                (0x30...0x3a).contains(byte) || (0x41...0x5d).contains(byte) || (0x61...0x7a).contains(byte)
                    || byte == 0x2d || byte == 0x2e || byte == 0x5f
            }
        return "http://\(isPlain && !host.contains("\\") ? host : configuration.host)"
    }
}

extension HTTPResponse {
    /// With the headers that all answers of GameClips carry.
    func decorated() -> Self {
        var response = self
        response.headers += [
            Header(name: "X-RequestedServiceVersion", value: "1"),
            Header(name: "Accept", value: "application/json"),
            Header(name: "Vary", value: "Authorization, X-RequestedServiceVersion"),
            Header(name: "X-Content-Type-Options", value: "nosniff"),
        ]
        if !headers.contains(where: { $0.name == "Cache-Control" }) {
            response.set("Cache-Control", "no-store")
        }
        return response
    }
}
