import ClipModel
import Pipeline
import SystemIO

/// `clipship submit`: uploads manifests that were made before, perhaps elsewhere.
enum SubmitCommand: Command {
    static let output = Flag(
        name: "--output", value: "DIR", help: "where the journal is (default: the folder that holds manifests/)")
    static let waitFor = Flag(name: "--wait-for", value: "STATE", help: "published (default) or uploaded")
    static let clipsInFlight = Flag(name: "--clips-in-flight", value: "N", help: "clips at the same time (default: 4)")
    static let blocksInFlight = Flag(
        name: "--blocks-in-flight", value: "N", help: "blocks of a clip at the same time (default: 4)")

    static let spec = CommandSpec(
        name: "submit", summary: "Upload clips from their manifests, without looking at the video again.",
        operands: "MANIFEST...", operandCount: 1...Int.max,
        flags: [
            .clips, .service, .allowHost, .tokenEnv, .tokenFile, .tokenCommand, output, waitFor, clipsInFlight,
            blocksInFlight, .recreate, .maxDuration,
        ],
        example: "clipship submit out/post-session/manifests/*.json --clips samples")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let options = try options(from: arguments)
        let serviceOptions = try arguments.serviceOptions()
        let maxDuration = try arguments.maxDuration()
        let manifests = try arguments.operands.map { path in
            try StoredManifest(reading: path, clips: arguments.string(.clips))
        }
        let output = OutputFolder(arguments.string(output) ?? folder(of: manifests.first?.path ?? "."))
        let sorted = manifests.sorted { $0.manifest.clip.comesBefore($1.manifest.clip) }
        return try await BatchLaunch.run(
            using: serviceOptions, output: output, clipCount: sorted.count,
            maxDuration: maxDuration, console
        ) { (target, stop, display) throws(RunError) in
            guard let target else { throw .service("there is no service to submit to") }
            return try await ManifestSubmitter(
                sorted, output: output, target: target, options: options, stop: stop, observer: display,
                requests: display
            ).run()
        }
    }

    /// `out/x` for `out/x/manifests/a.json`; else the manifest's own folder.
    private static func folder(of manifest: String) -> String {
        let folder = Path.parent(of: manifest)
        return Path.name(of: folder) == "manifests" ? Path.parent(of: folder) : folder
    }

    private static func options(from arguments: Arguments) throws(UsageError) -> SubmitOptions {
        var options = SubmitOptions()
        options.waitFor =
            try arguments.choice(waitFor, [("published", .published), ("uploaded", .uploaded)]) ?? .published
        options.clipsInFlight = try arguments.integer(clipsInFlight, in: 1...64).map(Int.init) ?? 4
        options.blocksInFlight = try arguments.integer(blocksInFlight, in: 1...64).map(Int.init) ?? 4
        options.recreates = arguments.isSet(.recreate)
        return options
    }
}
