import ClipModel
import Foundation
import TestSupport

/// A local service in a process of its own that lives through a sweep. All rounds are of one user, and each has a service
/// configuration of its own.
struct SweptService: Sendable {
    let port: Int
    private let folder: URL

    /// Starts one in `folder`, for as long as `body` runs.
    ///
    /// - Parameter faults: The plan that it begins with, as YAML.
    static func with<Result>(
        in folder: URL, faults: String = "", isolation: isolated (any Actor)? = #isolation,
        _ body: (SweptService) async throws -> Result
    ) async throws -> Result {
        let (tokens, plan) = (folder.appending(path: "tokens.json"), folder.appending(path: "faults.yaml"))
        let claims = [
            "token": token, "xuid": "7", "deviceType": "XboxOne", "deviceId": "any", "titleId": "1",
            "titleSandboxId": "RETAIL", "sandboxId": "RETAIL",
        ]
        try JSONSerialization.data(withJSONObject: ["tokens": [claims]]).write(to: tokens)
        try Data(faults.utf8).write(to: plan)
        let arguments = [
            "serve", "--data", folder.appending(path: "data").path, "--tokens", tokens.path, "--delay", "0",
            "--control", "--thumbnail-uris", "always", "--faults", plan.path, "--quiet",
        ]
        return try await withProgram(Places.clipship, arguments) { program in
            let port = try await program.printed { printed in
                printed.outputLines.first.flatMap { $0.split(separator: ":").last }.flatMap { Int($0) }
            }
            return try await body(SweptService(port: port, folder: folder))
        }
    }

    static let token = "token-of-the-sweep"
    static func scid(of round: Int) -> String { "00000000-0000-0012-0023-000000\(100_000 + round)" }

    var address: String { "http://127.0.0.1:\(port)" }

    /// Every clip that a round ever had, deleted ones too, in the order of creation.
    func clips(of round: Int) throws -> [StoredClip] {
        try StoredClip.all(in: folder.appending(path: "data"), scid: Self.scid(of: round))
    }

    /// A clip as the service tells its user.
    func told(_ id: String, of round: Int) async throws -> [String: JSONValue] {
        struct Answer: Decodable { var gameClip: [String: JSONValue] }
        let path = "/users/me/scids/\(Self.scid(of: round))/clips/\(id)"
        let header = "Authorization: Xauth=\(Self.token)"
        return try JSONDecoder().decode(Answer.self, from: await get(path, ["-H", header])).gameClip
    }

    /// The bytes of a clip as the service stores it.
    func storedFile(of id: String) throws -> Data {
        try Data(contentsOf: folder.appending(path: "data/clips/\(id).mp4"))
    }

    /// The requests of a kind, of all rounds.
    func calls(_ route: String) async throws -> [LoggedCall] {
        struct Answer: Decodable { var requests: [LoggedCall] }
        return try JSONDecoder().decode(Answer.self, from: await get("/_control/requests?route=\(route)")).requests
    }

    private func get(_ path: String, _ more: [String] = []) async throws -> Data {
        let result = try await TestSupport.run("curl", ["-sS", "--fail", "--max-time", "60", address + path] + more)
        try result.expectSuccess()
        return result.output
    }
}
