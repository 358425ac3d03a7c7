import Foundation
import TestSupport

/// What a company sweep happens to: output folders of several users of one account, who have clips in common.
struct CompanyBench: Sendable {
    let service: SweptService
    private let preloaded: Preloaded
    private let folder: URL

    /// The clips that there are.
    static let clips = ["first", "second", "third"]

    /// - Parameter faults: The service's plan, as YAML.
    static func with<Result>(
        faults: String = "", isolation: isolated (any Actor)? = #isolation,
        _ body: (CompanyBench) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            try await Recordings.make(clips, in: folder.appending(path: "recordings"))
            let preloaded = try await Preloaded(in: folder)
            return try await SweptService.with(in: folder, faults: faults) { service in
                try await body(CompanyBench(service: service, preloaded: preloaded, folder: folder))
            }
        }
    }

    /// Somebody with some of the clips and an output folder of their own.
    ///
    /// - Parameters:
    ///   - submit: More of the section `submit`, as YAML.
    func join(_ round: Int, _ name: String, with clips: [String] = Self.clips, submit: String = "") throws
        -> Participant
    {
        let place = folder.appending(path: "round-\(round)/\(name)")
        try FileManager.default.createDirectory(
            at: place.appending(path: "clips"), withIntermediateDirectories: true)
        for clip in clips {
            try Recordings.put(
                folder.appending(path: "recordings/\(clip).mp4"), at: place.appending(path: "clips/\(clip).mp4"))
        }
        // What stands beside the marker says who has asked, and is no part of what makes a clip the same clip.
        let text = """
            session: {scid: \(SweptService.scid(of: round)), titleId: 1, sessionRef: sweep, title: Sweep}
            clips: ["clips/*.mp4"]
            request: {systemProperties: \(name)}
            blocks: {size: 1000}
            service: {metadata: "\(service.address)", token: {env: SWEEP_TOKEN}}
            submit: {clipsInFlight: 2, blocksInFlight: 2, connections: 4\(submit.isEmpty ? "" : ", ")\(submit)}
            output: out
            """
        try Data(text.utf8).write(to: place.appending(path: "pipeline.yaml"))
        return Participant(name: name, place: place, preloaded: preloaded, service: service.address)
    }

    /// How many steps a run of all clips takes that nobody disturbs; found once.
    static let steps = Task {
        try await with { bench in
            let alone = try bench.join(0, "alone")
            try await alone.run(stoppedAt: 0).expectSuccess()
            return try alone.lastStep()
        }
    }
}
