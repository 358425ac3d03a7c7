import Foundation
import Testing

@testable import LocalService

/// Each call of the protocol, as a request that is carried out.
enum ProtocolCall: String, CaseIterable, Sendable {
    case initialUpload, block, thumbnail, clip, listOfUser, list, update, delete, download, statistics, cluster
    case allocationStatus

    var route: ServiceRoute { self == .listOfUser ? .list : ServiceRoute(rawValue: rawValue) ?? .list }

    /// User statistics and game server management want another form of the token.
    var isXBL: Bool { [.statistics, .cluster, .allocationStatus].contains(self) }

    /// Where the call has its version.
    var versionHeader: String {
        [.cluster, .allocationStatus].contains(self) ? "x-xbl-contract-version" : "X-RequestedServiceVersion"
    }
}

extension Harness {
    /// What the calls are about: a published clip, one that waits for its block and its thumbnails, a session that has
    /// a server.
    struct Scene {
        var published: Begun
        var download: String
        var pending: Begun
        var session: String
    }

    static let xuid: Int64 = 2_716_903_703_773_872

    /// Run with this to have statistics for `ProtocolCall.statistics`.
    static func addStatistics(_ configuration: inout LocalService.Configuration) {
        let scid = StatisticsTable.Scid(scid: scid, statistics: [.init("Wins", .integer(12))])
        configuration.statistics.users = [.init(xuid: xuid, gamertag: "LanternFox", scids: [scid])]
    }

    func scene() async throws -> Scene {
        let published = try await upload(Samples.bytes(100), blockSize: 100)
        let uris = try await wait(for: "Published", of: published.id)["gameClipUris"] as? [[String: Any]]
        let request = Samples.request(fileSize: 100).merging(["thumbnailSource": "Upload"]) { $1 }
        let session = "/serviceconfigs/\(Self.scid)/sessiontemplates/quick/session/scene"
        let scene = Scene(
            published: published, download: uris?.first?["uri"] as? String ?? "", pending: try await begin(request),
            session: session)
        expect(try await call(.cluster, scene), is: 200)
        return scene
    }

    /// Makes a call; with `headers` instead of what it needs, if they are given.
    func call(_ call: ProtocolCall, _ scene: Scene, headers: [String]? = nil, more: [String] = []) async throws
        -> Answer
    {
        let defaults = call.isXBL ? xblHeaders : self.headers
        let json = ["-H", "Content-Type: application/json"]
        let arguments: [String]
        let base = address.baseURL
        switch call {
        case .initialUpload:
            let body = try JSONSerialization.data(withJSONObject: Samples.request(fileSize: 100))
            arguments = json + ["--data-binary", String(decoding: body, as: UTF8.self), clips]
        case .block:
            let url = "\(scene.pending.uploadUri)?uploadId=\(scene.pending.id)"
            arguments = ["-X", "PUT", "--data-binary", String(repeating: "x", count: 100), url]
        case .thumbnail:
            arguments = ["-X", "PUT", "--data-binary", "no JPEG", scene.pending.large ?? ""]
        case .clip: arguments = [url(ofClip: scene.published.id)]
        case .listOfUser: arguments = ["\(base)/users/me/clips"]
        case .list: arguments = [clips]
        case .update:
            arguments = json + ["--data-binary", #"{"userCaption": "new"}"#, url(ofClip: scene.published.id)]
        case .delete: arguments = ["-X", "DELETE", url(ofClip: scene.published.id)]
        case .download: arguments = [scene.download]
        case .statistics:
            let body =
                #"{"requestedusers":[\#(Self.xuid)],"requestedscids":[{"scid":"\#(Self.scid)","requestedstats":["Wins"]}]}"#
            arguments = json + ["--data-binary", body, "\(base)/batch"]
        case .cluster:
            let body = #"{"sessionId":"\#(scene.session)","abortIfQueued":"true"}"#
            arguments = json + ["--data-binary", body, "\(base)/titles/77/clusters"]
        case .allocationStatus:
            let session = scene.session.replacing("/", with: "%2F")
            arguments = ["\(base)/titles/77/sessions/\(session)/allocationStatus"]
        }
        return try await curl((headers ?? defaults) + more + ["-g"] + arguments)
    }
}
