import Foundation
import TestSupport
import Testing

/// `clipship serve`, and calls to it by `curl`.
struct Service {
    let program: RunningProgram
    let data: URL
    let port: Int
    let token: String

    var address: String { "http://127.0.0.1:\(port)" }
    var clips: String { "\(address)/users/me/scids/\(Workbench.scid)/clips" }

    /// Serves a data folder as long as `body` runs.
    static func with<Result>(
        _ data: URL, _ more: String..., isolation: isolated (any Actor)? = #isolation,
        _ body: (Service) async throws -> Result
    ) async throws -> Result {
        try await withProgram(Clipship.path, ["serve", "--data", data.path, "--delay", "0"] + more) { program in
            let port = try await program.printed { printed in
                printed.outputLines.first.flatMap { $0.split(separator: ":").last }.flatMap { Int($0) }
            }
            let tokens = try JSONDecoder().decode(
                Tokens.self, from: Data(contentsOf: data.appending(path: "tokens.json")))
            let token = try #require(tokens.tokens.first).token
            return try await body(Service(program: program, data: data, port: port, token: token))
        }
    }

    private struct Tokens: Decodable {
        struct Token: Decodable { var token: String }
        var tokens: [Token]
    }

    /// Writes the token where only the owner may read it.
    func writeToken(to file: URL) throws {
        try Data(token.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    }

    /// What `curl` gets, whose status must be `status`.
    @discardableResult
    func curl(
        _ arguments: String..., expect status: Int = 200, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Data {
        let result = try await run(
            "curl",
            ["--silent", "--max-time", "60", "--write-out", "%{stderr}%{http_code}"]
                + ["-H", "Authorization: Xauth=\(token)", "-H", "Content-Type: application/json"] + arguments)
        #expect(result.errorText == "\(status)", "\(result.outputText)", sourceLocation: sourceLocation)
        return result.output
    }

    /// A clip by its id.
    func clip(_ id: String) async throws -> RemoteClip {
        struct Answer: Decodable { var gameClip: RemoteClip }
        return try JSONDecoder().decode(Answer.self, from: await curl("\(clips)/\(id)")).gameClip
    }

    /// Every clip of the caller, whatever its state.
    func list() async throws -> [RemoteClip] {
        struct Answer: Decodable { var gameClips: [RemoteClip] }
        return try JSONDecoder().decode(Answer.self, from: await curl("\(clips)?maxItems=100")).gameClips
    }
}

/// A clip as the service tells of it, as far as tests look at it.
struct RemoteClip: Decodable {
    struct URI: Decodable { var uri: String }
    struct Thumbnail: Decodable {
        var uri: String
        var thumbnailType: String
    }

    var gameClipId: String
    var state: String
    var userCaption: String?
    var gameClipUris: [URI]?
    var thumbnails: [Thumbnail]?

    func thumbnail(_ type: String) -> String? { thumbnails?.first { $0.thumbnailType == type }?.uri }
}

/// `Tests/Programs/gate.py` in front of a service: sees every request and holds back answers.
struct Gate {
    struct Event: Decodable {
        var event: String
        var method: String?
        var path: String?
        var block: Int?
        var status: Int?
    }

    let program: RunningProgram
    let port: Int

    static func with<Result>(
        before service: Service, isolation: isolated (any Actor)? = #isolation,
        _ body: (Gate) async throws -> Result
    ) async throws -> Result {
        let script = Places.root.appending(path: "Tests/Programs/gate.py").path
        return try await withProgram("/usr/bin/python3", [script, "\(service.port)"]) { program in
            let port = try await program.printed { $0.outputLines.first.flatMap { Int($0) } }
            return try await body(Gate(program: program, port: port))
        }
    }

    /// What has happened up to now.
    var events: [Event] { Self.events(program.printed) }

    private static func events(_ printed: RunningProgram.Printed) -> [Event] {
        printed.outputLines.dropFirst().compactMap { try? JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
    }

    /// Gives an order and waits until it holds.
    func order(_ line: String) async throws {
        let before = events.count { $0.event == "ok" }
        try program.tell(line)
        _ = try await program.printed { printed in
            Self.events(printed).count { $0.event == "ok" } > before ? true : nil
        }
    }

    /// Waits for the first event of a kind.
    ///
    /// - Parameter start: How many events of any kind are passed over.
    func first(_ event: String, since start: Int = 0) async throws -> Event {
        try await program.printed { printed in
            Self.events(printed).dropFirst(start).first { $0.event == event }
        }
    }

    /// Numbers of the blocks that went up, in the order of their answers, since event `start`.
    func blocks(since start: Int = 0) -> [Int] {
        events.dropFirst(start).filter { $0.method == "PUT" }.compactMap(\.block)
    }
}
