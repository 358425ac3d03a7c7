import Foundation
import TestSupport

/// A folder of one test: clips, a session, pipeline files, outputs.
struct Workbench {
    let folder: URL

    var clips: URL { folder.appending(path: "clips") }
    var session: URL { folder.appending(path: "session.yaml") }
    var pipeline: URL { folder.appending(path: "pipeline.yaml") }
    var output: Output { Output(folder: folder.appending(path: "out")) }

    static let scid = "00000000-0000-0012-0023-000000000070"

    /// Runs `body` with copies of samples, and their sidecars, in a folder that is removed afterwards.
    static func with<Result>(
        _ samples: [String], isolation: isolated (any Actor)? = #isolation,
        _ body: (Workbench) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let bench = Workbench(folder: folder)
            try FileManager.default.createDirectory(at: bench.clips, withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                at: Places.samples.appending(path: "session.yaml"), to: bench.session)
            for sample in samples { try bench.add(sample) }
            return try await body(bench)
        }
    }

    /// Copies a sample with its sidecar, if it has one.
    func add(_ sample: String) throws {
        for ending in ["mp4", "yaml", "json"] {
            let file = Places.samples.appending(path: "\(sample).\(ending)")
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            let copy = clips.appending(path: file.lastPathComponent)
            try FileManager.default.copyItem(at: file, to: copy)
            try age(copy)
        }
    }

    /// Puts a file among the clips.
    func add(_ name: String, bytes: Data) throws {
        let file = clips.appending(path: name)
        try bytes.write(to: file)
        try age(file)
    }

    /// Gives a file a time long ago: recordings that are younger than two seconds could still be growing.
    func age(_ file: URL) throws {
        let date = Date(timeIntervalSince1970: 1_762_632_000)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file.path)
    }

    /// What is decoded fast: most tests are about something else.
    static let firstFrame = "{source: Offset, offset: 0}"

    /// Writes `pipeline.yaml`; `more` are lines to put below it.
    func writePipeline(
        service: String = "local", thumbnails: String = Workbench.firstFrame, more: String = ""
    ) throws {
        let text = """
            name: workbench
            session: session.yaml
            clips: ["clips/*.mp4"]
            request:
              userCaption: "{session.title}: {clip.name}"
            thumbnails: \(thumbnails)
            service: \(service)
            output: out
            \(more)
            """
        try Data(text.utf8).write(to: pipeline)
    }

    /// Changes the pipeline file.
    func change(_ text: String, to other: String) throws {
        let before = try String(contentsOf: pipeline, encoding: .utf8)
        let after = before.replacing(text, with: other)
        guard after != before else { throw NothingToChange() }
        try Data(after.utf8).write(to: pipeline)
    }

    struct NothingToChange: Error {}

    /// Runs the pipeline.
    func run(_ more: String...) async throws -> ProgramResult {
        try await clipship(["run", pipeline.path] + more, in: folder)
    }

    /// Every file below the folder, by its path from there.
    func files() throws -> Set<String> {
        Set(try FileManager.default.subpathsOfDirectory(atPath: folder.path))
    }
}

/// An output folder.
struct Output {
    let folder: URL

    var path: String { folder.path }
    var localService: URL { folder.appending(path: "local-service") }

    func manifest(_ clip: String) -> URL { folder.appending(path: "manifests/\(clip).json") }
    func thumbnail(_ clip: String, _ size: String) -> URL { folder.appending(path: "thumbnails/\(clip).\(size).jpg") }

    /// Every manifest, by the clip's name.
    func manifests() throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "manifests").path)
        return try Dictionary(
            uniqueKeysWithValues: names.map { name in
                (String(name.dropLast(5)), try Data(contentsOf: folder.appending(path: "manifests/\(name)")))
            })
    }

    var batchFile: Data { get throws { try Data(contentsOf: folder.appending(path: "batch.json")) } }
    var batch: Batch { get throws { try JSONDecoder().decode(Batch.self, from: batchFile) } }

    /// What the schemas have against anything here.
    func schemaMistakes() async throws -> [String] {
        let manifests = try manifests().values.map { SchemaQuestion(.manifest, $0) }
        return try await mistakes(in: manifests + [SchemaQuestion(.batch, try batchFile)]).flatMap(\.self)
    }
}

/// `batch.json`, as far as tests look at it.
struct Batch: Decodable {
    struct Clip: Decodable {
        var clip: String
        var file: String
        var state: String
        var manifest: String?
        var gameClipId: String?
        var reason: String?
    }

    var clips: [Clip]
    var totals: [String: Int]

    subscript(clip: String) -> Clip? { clips.first { $0.clip == clip } }
    var states: [String: String] { Dictionary(uniqueKeysWithValues: clips.map { ($0.clip, $0.state) }) }
}
