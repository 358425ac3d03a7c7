import ClipModel
import SystemIO

extension GameClipsService {
    /// `GET /{uri}`: a published clip, or a thumbnail of it.
    ///
    /// The URI's key says that its holder may fetch; a token is not needed, but one that comes along must be
    /// good.
    func download(
        _ place: Resource.ClipPath, _ thumbnail: ThumbnailType?, _ request: IncomingRequest
    ) throws -> OutgoingResponse {
        if request.headers["authorization"] != nil { _ = try request.claims() }
        guard let clip = try records.clip(place.id), clip.xuid == place.xuid else {
            throw Refusal.notFound("there is no such clip")
        }
        let state = clip.downloadURI(request.target, lifetime: faults.uriLifetime, now: configuration.clock.now)
        guard let state else { throw Refusal.forbidden("the URI's key is not that of this clip") }
        if clip.state == .deleted { throw Refusal.gone("the clip was deleted") }
        try check(state)
        guard clip.state == .published else { throw Refusal.notFound("the clip is not published") }
        if let thumbnail {
            return try serve(
                folders.thumbnail(clip.id, thumbnail), type: "image/jpeg", tag: clip.modified.description,
                request)
        }
        let response = try serve(folders.clip(clip.id), type: "video/mp4", tag: clip.id, request)
        // The whole clip, or all of it from the beginning as players ask; not every piece that is looked at.
        if request.method == "GET", response.status != 304, ["bytes=0-", nil].contains(request.header("Range")) {
            try records.countView(of: clip.id)
        }
        return response
    }

    /// A file, or the part of it that the request asks for.
    func serve(_ path: String, type: String, tag: String, _ request: IncomingRequest) throws
        -> OutgoingResponse
    {
        let file = try OpenFile(path)
        let size = try file.identity().size
        var response = OutgoingResponse(status: 200, body: .file(file, 0..<size))
        let ifRange = request.header("If-Range") ?? request.header("ETag")
        if let range = request.header("Range"), !request.hasTag(tag), ifRange.map({ EntityTag.bare($0) == tag }) ?? true
        {
            switch ByteRange(parsing: range, size: size) {
            case .whole: break
            case .part(let range):
                response = OutgoingResponse(status: 206, body: .file(file, range))
                response.set("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)")
            case .impossible:
                var refusal = Refusal(416, "the range is not within the \(size) bytes that there are")
                refusal.headers = [.init(name: "Content-Range", value: "bytes */\(size)")]
                throw refusal
            }
        }
        response.set("Content-Type", type)
        response.set("Accept-Ranges", "bytes")
        response.set("ETag", "\"\(tag)\"")
        response.set("Cache-Control", "private, no-cache")
        return response.decorated().conditional(on: request, tag: tag)
    }
}

/// What a `Range` header asks for.
enum ByteRange: Hashable, Sendable {
    /// No range that is understood, or several of them: everything is sent.
    case whole
    case part(Range<Int64>)
    case impossible

    /// Reads `bytes=0-99`, `bytes=100-` or `bytes=-100`, as RFC 9110 has them.
    init(parsing text: String, size: Int64) {
        guard text.hasPrefix("bytes="), !text.contains(",") else {
            self = .whole
            return
        }
        let ends = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false).map {
            String($0.filter { $0 != " " })
        }
        guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            self = .whole
            return
        }
        // More digits than a file has bytes: as far as it goes.
        let first = ends[0].isEmpty ? nil : Int64(ends[0]) ?? .max
        let last = ends[1].isEmpty ? nil : Int64(ends[1]) ?? .max
        switch (first, last) {
        case (nil, nil): self = .whole
        case (nil, let count?):
            self = count == 0 || size == 0 ? .impossible : .part(max(0, size - count)..<size)
        case (let first?, let last?) where last < first: self = .whole
        case (let first?, let last):
            self = first < size ? .part(first..<(min(last ?? .max, size - 1) + 1)) : .impossible
        }
    }
}
