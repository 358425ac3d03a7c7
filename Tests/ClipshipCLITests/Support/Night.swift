import Foundation
import TestSupport

/// A folder with many sessions, each with clips of its own, and a pipeline over all of them.
struct Night {
    let folder: URL

    var pipeline: URL { folder.appending(path: "night.yaml") }
    var output: Output { Output(folder: folder.appending(path: "out")) }

    func session(_ name: String) -> URL { folder.appending(path: "rec/\(name)/session.yaml") }

    /// Runs `body` with sessions, each with copies of samples and their sidecars.
    static func with<Result>(
        _ sessions: [String: [String]], more: String = "", isolation: isolated (any Actor)? = #isolation,
        _ body: (Night) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let night = Night(folder: folder)
            for (name, samples) in sessions { try night.add(name, samples) }
            try night.writePipeline(more)
            return try await body(night)
        }
    }

    /// A session with copies of samples.
    func add(_ name: String, _ samples: [String], isNamed: Bool = true) throws {
        let place = session(name).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let reference = "/serviceconfigs/\(Workbench.scid)/sessiontemplates/raid/session/\(name)"
        let text = """
            scid: \(Workbench.scid)
            title: Night of \(name)
            titleId: 1739947423
            players: [{xuid: "2716903703773872", gamertag: LanternFox}]
            \(isNamed ? "sessionRef: \(reference)" : "")
            """
        try Data(text.utf8).write(to: session(name))
        for sample in samples {
            for ending in ["mp4", "yaml", "json"] {
                let file = Places.samples.appending(path: "\(sample).\(ending)")
                guard FileManager.default.fileExists(atPath: file.path) else { continue }
                let copy = place.appending(path: file.lastPathComponent)
                try FileManager.default.copyItem(at: file, to: copy)
                try Workbench(folder: folder).age(copy)
            }
        }
    }

    /// Writes `night.yaml`; `more` are lines to put below it.
    func writePipeline(_ more: String = "") throws {
        let text = """
            name: night
            sessions: rec/*/session.yaml
            clips: "*.mp4"
            request: {userCaption: "{session.title}: {clip.name}"}
            \(more.contains("thumbnails:") ? "" : "thumbnails: \(Workbench.firstFrame)")
            output: out
            \(more)
            """
        try Data(text.utf8).write(to: pipeline)
    }

    func spoil(_ name: String) throws {
        let text = try String(contentsOf: session(name), encoding: .utf8)
        try Data((text + "\ntitel: Finals\n").utf8).write(to: session(name))
    }

    func run(_ more: String...) async throws -> ProgramResult {
        try await clipship(["run", pipeline.path] + more, in: folder)
    }
}
