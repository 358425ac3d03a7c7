import SystemIO
import ClipModel
import Foundation
import TestSupport

@testable import LocalService

/// A local service that runs for one test, and calls to it by `curl`.
struct Harness {
    let service: LocalService
    let address: LocalService.Address
    let folder: URL
    let events: Events

    static let scid = "00000000-0000-0012-0023-000000000070"

    /// What the service reported.
    final class Events: Sendable {
        let list = Locked<[LocalServiceEvent]>([])

        var problems: [String] {
            list.withLock { $0.compactMap { if case .problem(let text) = $0 { text } else { nil } } }
        }

        func states(of id: String) -> [GameClipState] {
            list.withLock { $0.compactMap { if case .clip(id, let state, _) = $0 { state } else { nil } } }
        }

        func reason(of id: String) -> String? {
            list.withLock { events in
                events.compactMap { if case .clip(id, .error, let reason) = $0 { reason } else { nil } }.last
            }
        }
    }

    /// Starts a service in `folder`, for as long as `body` runs.
    @discardableResult
    static func run<Result>(
        in folder: URL, inspector: any ClipInspector = AnyClipIsVideo(),
        _ configure: (inout LocalService.Configuration) throws -> Void = { _ in },
        _ body: (Harness) async throws -> Result
    ) async throws -> Result {
        let events = Events()
        var configuration = LocalService.Configuration(dataFolder: folder.appending(path: "data").path)
        configuration.delays = .init(each: .zero)
        configuration.report = { event in events.list.withLock { $0.append(event) } }
        try configure(&configuration)
        let service = try LocalService(configuration, inspector: inspector)
        let address = try service.start()
        do {
            let result = try await body(
                Harness(service: service, address: address, folder: folder, events: events))
            await service.stop()
            return result
        } catch {
            await service.stop()
            throw error
        }
    }

    /// The same in a temporary folder.
    static func run(
        inspector: any ClipInspector = AnyClipIsVideo(),
        _ configure: (inout LocalService.Configuration) throws -> Void = { _ in },
        _ body: (Harness) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try await run(in: folder, inspector: inspector, configure, body)
        }
    }
}

extension Harness {
    var headers: [String] { Self.headers(token: service.developerToken) }

    static func headers(token: String) -> [String] {
        ["-H", "Authorization: Xauth=\(token)", "-H", "X-RequestedServiceVersion: 1"]
    }

    var clips: String { "\(address.baseURL)/users/me/scids/\(Self.scid)/clips" }

    func url(ofClip id: String) -> String { "\(clips)/\(id)" }

    func get(_ url: String) async throws -> Answer {
        try await curl(headers + [url])
    }

    /// Asks for an upload: `POST .../clips`.
    func initialUpload(_ request: [String: Any], to url: String? = nil, token: String? = nil) async throws
        -> Answer
    {
        let body = try JSONSerialization.data(withJSONObject: request)
        let headers = token.map { Self.headers(token: $0) } ?? headers
        return try await curl(
            headers + ["-H", "Content-Type: application/json", "--data-binary", "@-", url ?? clips],
            input: body)
    }

    /// The same, for a request that must be taken.
    func begin(_ request: [String: Any], token: String? = nil) async throws -> Begun {
        let answer = try await initialUpload(request, token: token)
        guard answer.status == 200 else { throw CurlFailure(status: Int32(answer.status), text: answer.text) }
        let json = try answer.json
        return Begun(
            id: json["gameClipId"] as? String ?? "", uploadUri: json["uploadUri"] as? String ?? "",
            large: json["largeThumbnailUri"] as? String, small: json["smallThumbnailUri"] as? String)
    }

    struct Begun {
        var id: String
        var uploadUri: String
        var large: String?
        var small: String?
    }

    /// Sends a body: `PUT /{uploadUri}`.
    func put(_ data: Data, to url: String, _ query: String = "", more: [String] = []) async throws -> Answer {
        let separator = query.isEmpty ? "" : (url.contains("?") ? "&" : "?")
        return try await curl(
            headers + more + [
                "-H", "Content-Type: application/octet-stream", "-X", "PUT", "--data-binary", "@-",
            ]
                + [url + separator + query], input: data)
    }

    func put(_ data: Data, block: Int, of clip: Begun) async throws -> Answer {
        try await put(data, to: clip.uploadUri, "blockNum=\(block)&uploadId=\(clip.id)")
    }

    /// The clip as the service shows it.
    func clip(_ id: String) async throws -> [String: Any] {
        let answer = try await get(url(ofClip: id))
        guard answer.status == 200 else { throw CurlFailure(status: Int32(answer.status), text: answer.text) }
        return try answer.json["gameClip"] as? [String: Any] ?? [:]
    }

    /// Asks until the clip is in a state, at most for a while.
    func wait(for state: String, of id: String) async throws -> [String: Any] {
        let limit = ContinuousClock.now + .seconds(30)
        var clip = try await clip(id)
        while clip["state"] as? String != state {
            guard ContinuousClock.now < limit else {
                throw CurlFailure(status: 0, text: "state \(clip["state"] ?? "?") instead of \(state)")
            }
            clip = try await self.clip(id)
        }
        return clip
    }

    /// Uploads `data` in blocks of `blockSize`, one after the other.
    func upload(_ data: Data, blockSize: Int, _ change: [String: Any] = [:]) async throws -> Begun {
        let blocks = Samples.blocks(data, of: blockSize)
        let request = Samples.request(fileSize: data.count, blocks: blocks.count)
        let clip = try await begin(request.merging(change) { $1 })
        for (number, block) in blocks.enumerated() {
            let answer = try await put(block, block: number, of: clip)
            let expected = number == blocks.count - 1 ? 201 : 202
            guard answer.status == expected else {
                throw CurlFailure(status: Int32(answer.status), text: answer.text)
            }
        }
        return clip
    }
}

extension Harness {
    /// Fetches a published clip by its `Download` URI, without a token.
    func download(_ clip: [String: Any], _ more: [String] = []) async throws -> Answer {
        let uris = clip["gameClipUris"] as? [[String: Any]]
        return try await curl(more + ["-g", uris?.first?["uri"] as? String ?? "none"])
    }

    /// Where a published clip's thumbnail is.
    func thumbnail(_ type: String, of clip: [String: Any]) -> [String: Any] {
        let thumbnails = clip["thumbnails"] as? [[String: Any]] ?? []
        return thumbnails.first { $0["thumbnailType"] as? String == type } ?? [:]
    }
}

extension Harness {
    /// The key of a clip's download URIs, which no answer shows before the clip is published.
    func recordKey(of id: String) throws -> String {
        let records = try ClipRecords(path: folder.appending(path: "data/service.db").path)
        return try records.clip(id)?.downloadKey ?? ""
    }
}
