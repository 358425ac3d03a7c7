import ClipModel
import FoundationEssentials
import Support

/// The GameClips calls.
struct GameClipsService: XboxService {
    let configuration: LocalService.Configuration
    let folders: Folders
    let tokens: Tokens
    let records: ClipRecords
    let uploads: Uploads
    let processor: ClipProcessor
    let faults: Faults

    init(
        _ configuration: LocalService.Configuration, folders: Folders, tokens: Tokens, faults: Faults,
        records: ClipRecords, inspector: any ClipInspector
    ) {
        self.configuration = configuration
        self.folders = folders
        self.tokens = tokens
        self.faults = faults
        self.records = records
        uploads = Uploads(folders: folders)
        processor = ClipProcessor(
            records: records, folders: folders, inspector: inspector, configuration: configuration)
    }

    func receive(_ request: IncomingRequest, _ resource: Resource) throws -> Reception {
        try checkVersion(of: request, among: ["1", "vnext"])
        if let scid = resource.scid { try check(scid, request.claims()) }
        return try call(request, resource)
    }

    /// Lets what is being processed come to a place from which the next start goes on, and closes the records.
    func stop() {
        processor.stop()
        records.close()
    }

    /// Refuses a service configuration that is none of the caller's. What is no GUID is none of anybody's, and each call
    /// has its own answer to that.
    func check(_ scid: String, _ claims: Claims) throws(Refusal) {
        guard !GUID.isValid(scid) || claims.allows(scid: scid) else {
            throw .forbidden("the scid is not that of the user")
        }
    }

    private func call(_ request: IncomingRequest, _ resource: Resource) throws -> Reception {
        let isRead = request.method == "GET" || request.method == "HEAD"
        switch resource {
        case .clipList(let list):
            return .answer(try listClips(list, request))
        case .clips(let owner, let scid) where isRead:
            return .answer(try listClips(ListedClips(owner, scid: scid), request))
        case .clips(let owner, let scid):
            return try initialUpload(owner, scid: scid, request)
        case .clip(let owner, let scid, let id) where isRead:
            return .answer(try getClip(owner, scid: scid, id: id, request))
        case .clip(let owner, let scid, let id) where request.method == "DELETE":
            return .answer(try deleteClip(owner, scid: scid, id: id, request))
        case .clip(let owner, let scid, let id):
            return try updateClip(owner, scid: scid, id: id, request)
        case .views(let owner, let scid, let id):
            return .answer(try countView(owner, scid: scid, id: id, request))
        case .upload(let place):
            return try putBlock(place, request)
        case .thumbnailUpload(let place, let type):
            return try putThumbnail(place, type, request)
        case .download(let place):
            return .answer(try download(place, nil, request))
        case .thumbnailDownload(let place, let type):
            return .answer(try download(place, type, request))
        case .statistics, .statisticsOfUser, .clusters, .allocationStatus:
            throw Refusal.notFound("this is no call of GameClips")
        }
    }
}

extension GameClipsService {
    /// Where the caller reaches this service: what it has connected to, so that it finds the answer's URIs at
    /// the host that it knows.
    func baseURL(for request: IncomingRequest) -> String {
        let host = request.header("Host") ?? ""
        let isPlain =
            !host.isEmpty
            && host.utf8.allSatisfy { byte in
                (0x30...0x3a).contains(byte) || (0x41...0x5d).contains(byte) || (0x61...0x7a).contains(byte)
                    || byte == 0x2d || byte == 0x2e || byte == 0x5f
            }
        return
            "\(configuration.tls == nil ? "http" : "https")://\(isPlain && !host.contains("\\") ? host : configuration.host)"
    }
}
