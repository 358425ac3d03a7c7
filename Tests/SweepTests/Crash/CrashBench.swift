import Foundation
import TestSupport
import Testing

/// Everything that a crash sweep happens to: clips of several blocks, a service in a process of its own that lives
/// through all of it, and `clipship run`, which does not. Each round is another user of the service with a service
/// configuration of its own, so that all begin with nothing, and several can go on at the same time.
struct CrashBench {
    let folder: URL
    let stop: Preloaded
    private let service: RunningProgram
    private let port: Int
    /// The program works on a network disk without locks.
    private let sharesDisk: Bool

    static let clipsInFlight = 2
    static let blocksInFlight = 2
    static let connections = 4
    private static let users = 5_000
    private static let clips = ["first", "second", "third"]

    static func with<Result>(
        sharedDisk: Bool = false, isolation: isolated (any Actor)? = #isolation,
        _ body: (CrashBench) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            try await makeClips(in: folder.appending(path: "clips"))
            let tokens = folder.appending(path: "tokens.json")
            try writeTokens(to: tokens)
            let arguments = [
                "serve", "--data", folder.appending(path: "data").path, "--tokens", tokens.path, "--delay", "0",
                "--control", "--thumbnail-uris", "always", "--quiet",
            ]
            return try await withProgram(Places.clipship, arguments) { service in
                let port = try await service.printed { printed in
                    printed.outputLines.first.flatMap { $0.split(separator: ":").last }.flatMap { Int($0) }
                }
                return try await body(
                    CrashBench(
                        folder: folder, stop: try await Preloaded(in: folder), service: service, port: port,
                        sharesDisk: sharedDisk))
            }
        }
    }

    /// Moving pictures of some kilobytes each.
    private static func makeClips(in folder: URL) async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (number, name) in clips.enumerated() {
            let file = folder.appending(path: "\(name).mp4")
            let source = "testsrc2=size=64x48:rate=10:duration=\(number + 1)"
            try await TestSupport.run(
                "ffmpeg", ["-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", file.path]
            ).expectSuccess()
            // Recordings that are younger than two seconds could still be growing.
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_762_632_000)], ofItemAtPath: file.path)
        }
    }

    private static func writeTokens(to file: URL) throws {
        let tokens = (1...users).map { user in
            [
                "token": token(of: user), "xuid": "\(xuid(of: user))", "deviceType": "XboxOne", "deviceId": "any",
                "titleId": "1", "titleSandboxId": "RETAIL", "sandboxId": "RETAIL",
            ]
        }
        try JSONSerialization.data(withJSONObject: ["tokens": tokens]).write(to: file)
    }

    private static func token(of user: Int) -> String { "token-of-user-\(user)" }
    private static func xuid(of user: Int) -> Int { 100_000 + user }
    private static func scid(of user: Int) -> String { "00000000-0000-0012-0023-000000\(100_000 + user)" }

    /// Writes a user's pipeline file.
    private func writePipeline(of user: Int, _ session: String) throws -> URL {
        let file = folder.appending(path: "pipeline-\(user).yaml")
        let text = """
            session: {scid: \(Self.scid(of: user)), titleId: 1, sessionRef: \(session), title: Sweep}
            clips: ["clips/*.mp4"]
            blocks: {size: 1kB}
            service: {metadata: "http://127.0.0.1:\(port)", token: {env: SWEEP_TOKEN}}
            submit: {clipsInFlight: \(Self.clipsInFlight), blocksInFlight: \(Self.blocksInFlight), connections: \(Self.connections)}
            output: out-\(user)
            """
        try Data(text.utf8).write(to: file)
        return file
    }
}

// MARK: - The program under test

extension CrashBench {
    func output(of user: Int) -> URL { folder.appending(path: "out-\(user)") }

    private func arguments(_ user: Int, _ session: String = "sweep") throws -> [String] {
        ["run", try writePipeline(of: user, session).path, "--quiet"]
    }

    /// Runs the pipeline as a user, to its end or to the step that it is stopped at.
    ///
    /// - Parameter session: Another one makes other clips of the same files.
    func run(as user: Int, session: String = "sweep", stoppedAt step: Int? = nil) async throws -> ProgramResult {
        let environment = stop.environment(step: step, log: log(of: user), sharesDisk: sharesDisk)
            .merging(["SWEEP_TOKEN": Self.token(of: user)]) { $1 }
        return try await TestSupport.run(Places.clipship, try arguments(user, session), environment: environment)
    }

    /// The same, killed after a while if it is not over before.
    func run(as user: Int, killedAfter delay: Duration) async throws -> ProgramResult {
        let environment = ["SWEEP_TOKEN": Self.token(of: user)]
        return try await withProgram(Places.clipship, try arguments(user), environment: environment) { program in
            try await Task.sleep(for: delay)
            program.signal(SIGKILL)
            return try await program.end()
        }
    }

    /// The same, with one of its calls on files failing.
    func run(as user: Int, failingAt call: Int, _ kind: String, variant: Int) async throws -> ProgramResult {
        var environment = ["SWEEP_TOKEN": Self.token(of: user)]
        environment.merge(stop.environment(failing: call, kind, variant: variant, below: folder, log: log(of: user))) {
            $1
        }
        return try await TestSupport.run(Places.clipship, try arguments(user), environment: environment)
    }

    /// What failed in a run with `failingAt`.
    func failure(of user: Int) throws -> StopPlace { try StopPlace(reading: log(of: user)) }

    private func log(of user: Int) -> URL { folder.appending(path: "steps-\(user)") }

    /// Where a run with `stoppedAt` was stopped.
    func place(of user: Int) throws -> StopPlace { try StopPlace(reading: log(of: user)) }
}

// MARK: - What the service has

extension CrashBench {
    struct RemoteClip: Decodable {
        var gameClipId: String
        var state: String
        var fileSize: Int?
        var systemProperties: String?
    }

    /// Every clip of a user, in whatever state.
    func clips(of user: Int) async throws -> [RemoteClip] {
        struct Page: Decodable { var gameClips: [RemoteClip] }
        let token = Self.token(of: user)
        let url = "/users/me/clips?maxItems=100"
        return try JSONDecoder().decode(Page.self, from: await get(url, ["-H", "Authorization: Xauth=\(token)"]))
            .gameClips
    }

    /// A user's requests; all of them came after one, by its number.
    func calls(of user: Int, after number: Int) async throws -> [LoggedCall] {
        let marks = ["/scids/\(Self.scid(of: user))/", "/xuid(\(Self.xuid(of: user)))/"]
        return try await calls(after: number).filter { call in marks.contains { call.path.contains($0) } }
    }

    /// The number of the last request of all, which is not before `number`.
    func lastCall(after number: Int) async throws -> Int {
        try await calls(after: number).last?.number ?? number
    }

    private func calls(after number: Int) async throws -> [LoggedCall] {
        struct Answer: Decodable { var requests: [LoggedCall] }
        return try JSONDecoder().decode(Answer.self, from: await get("/_control/requests?after=\(number)", []))
            .requests
    }

    private func get(_ path: String, _ more: [String]) async throws -> Data {
        let result = try await TestSupport.run(
            "curl", ["--silent", "--fail", "--max-time", "60", "http://127.0.0.1:\(port)\(path)"] + more)
        try result.expectSuccess()
        return result.output
    }

    /// The bytes of a clip as the service stores it.
    func storedFile(of id: String) throws -> Data {
        try Data(contentsOf: folder.appending(path: "data/clips/\(id).mp4"))
    }

    /// The bytes of every input.
    func inputs() throws -> [String: Data] {
        try Dictionary(
            uniqueKeysWithValues: Self.clips.map { clip in
                (clip, try Data(contentsOf: folder.appending(path: "clips/\(clip).mp4")))
            })
    }
}
