import Foundation
import SystemIO
import TestSupport

/// What a change sweep happens to: each round has two clips of its own on one service, and one of them changes.
struct ChangeBench: Sendable {
    let service: SweptService
    private let preloaded: Preloaded
    private let folder: URL

    /// The clip that changes, and the one beside it that doesn't.
    static let clip = "first"
    private static let other = "second"

    static func with<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: (ChangeBench) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            try await Recordings.make([clip, other, "again"], in: folder.appending(path: "recordings"))
            let preloaded = try await Preloaded(in: folder)
            return try await SweptService.with(in: folder) { service in
                try await body(ChangeBench(service: service, preloaded: preloaded, folder: folder))
            }
        }
    }

    private func place(of round: Int) -> URL { folder.appending(path: "round-\(round)") }
    private func recording(_ name: String) -> URL { folder.appending(path: "recordings/\(name).mp4") }
    private func log(of round: Int) -> URL { place(of: round).appending(path: "steps") }

    func output(of round: Int) -> URL { place(of: round).appending(path: "out") }

    /// The bytes that the clip has with this set-up.
    func bytes(_ setup: Setup) throws -> Data { try Data(contentsOf: recording(setup.recording)) }

    /// What is recorded with this set-up.
    func recordings(_ setup: Setup) throws -> [Data] {
        [try bytes(setup), try Data(contentsOf: recording(Self.other))]
    }

    /// Makes a round's files be as `setup` says.
    func write(_ setup: Setup, of round: Int) throws {
        let place = place(of: round)
        let clips = place.appending(path: "clips")
        // What is the same must stay the same file, with the times that it has.
        let wanted = [setup.clip: setup.recording, Self.other: Self.other]
        try FileManager.default.createDirectory(at: clips, withIntermediateDirectories: true)
        for file in try FileManager.default.contentsOfDirectory(at: clips, includingPropertiesForKeys: nil) {
            let name = file.deletingPathExtension().lastPathComponent
            let isWanted = file.pathExtension == "mp4" && wanted[name] != nil
            if !isWanted { try FileManager.default.removeItem(at: file) }
        }
        for (name, recording) in wanted {
            let (file, source) = (clips.appending(path: "\(name).mp4"), self.recording(recording))
            let isThere =
                try FileManager.default.fileExists(atPath: file.path)
                && Data(contentsOf: file) == Data(contentsOf: source)
            if !isThere { try Recordings.put(source, at: file) }
        }
        if let sidecar = setup.sidecar {
            try Data(sidecar.utf8).write(to: clips.appending(path: "\(setup.clip).yaml"))
        }
        let blockSize = setup.division.blockSize(of: try bytes(setup).count)
        let members = setup.request.sorted { $0.key < $1.key }.map { "\($0): \($1)" }.joined(separator: ", ")
        let text = """
            session: {scid: \(SweptService.scid(of: round)), titleId: 1, sessionRef: \(setup.sessionRef), title: Sweep}
            clips: ["clips/*.mp4"]
            request: {\(members)}
            thumbnails: \(setup.thumbnails)
            blocks: {size: \(blockSize)}
            service: {metadata: "\(service.address)", token: {env: SWEEP_TOKEN}}
            submit: {waitFor: \(setup.waitFor), clipsInFlight: 2, blocksInFlight: 2, connections: 4}
            output: out
            """
        try Data(text.utf8).write(to: place.appending(path: "pipeline.yaml"))
    }

    /// Runs the pipeline, to its end or to the step that it is stopped at; 0 counts the steps.
    func run(of round: Int, stoppedAt step: Int? = nil) async throws -> ProgramResult {
        var environment = ["SWEEP_TOKEN": SweptService.token]
        environment.merge(preloaded.environment(step: step, log: log(of: round))) { $1 }
        return try await TestSupport.run(
            Places.clipship, ["run", place(of: round).appending(path: "pipeline.yaml").path], environment: environment)
    }

    /// Where a run with `stoppedAt` was stopped.
    func place(ofRun round: Int) throws -> StopPlace { try StopPlace(reading: log(of: round)) }

    /// Removes what nobody goes on with.
    func reconcile(_ round: Int) async throws -> ProgramResult {
        let words = ["--reconcile", "--fix", "--service", service.address, "--token-env", "SWEEP_TOKEN"]
        return try await TestSupport.run(
            Places.clipship, ["status", output(of: round).path] + words,
            environment: ["SWEEP_TOKEN": SweptService.token])
    }
}
