import ClipModel
import Pipeline
import SystemIO

/// `clipship submit`: uploads manifests that were made before, perhaps elsewhere.
enum SubmitCommand: Command {
    static let output = Flag(
        name: "--output", value: "DIR", help: "where the journal is (default: the folder that holds manifests/)")
    static let waitFor = Flag(
        name: "--wait-for", value: "STATE", help: "published (default) or uploaded",
        choices: ["published", "uploaded"])
    static let clipsInFlight = Flag(name: "--clips-in-flight", value: "N", help: "clips at the same time (default: 4)")
    static let blocksInFlight = Flag(
        name: "--blocks-in-flight", value: "N", help: "at most so many blocks of a clip at the same time")

    static let whenChanged = Flag(
        name: "--when-changed", value: "WHAT",
        help: "caption, visibility or title data of a clip that is there changed: update (default) or warn",
        choices: ["update", "warn"])
    static let takeOverAfter = Flag(
        name: "--take-over-after", value: "TIME",
        help: "take over an unfinished upload of another folder once it is this old (default: 24h)")
    static let whenUnlisted = Flag(
        name: "--when-unlisted", value: "WHAT",
        help: "the service's list does not show what it issues: stop (default), or upload if nobody else does",
        choices: ["stop", "upload"])

    static let spec = CommandSpec(
        name: "submit", summary: "Upload clips from their manifests, without looking at the video again.",
        operands: "MANIFEST...", operandCount: 1...Int.max,
        flags: [
            .clips, .followLinks, .service, .allowHost, .tokenEnv, .tokenFile, .tokenCommand, output, .format, waitFor,
            clipsInFlight,
            blocksInFlight, whenChanged, takeOverAfter, whenUnlisted, .recreate, .checkPublished,
            .republish, .maxDuration,
            .retryFor, .stats, .junit, .metrics,
        ] + Flag.lists + Flag.tlsFlags,
        example: "clipship submit out/post-session/manifests/*.json --clips samples")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        try await RunFiles.keeping(arguments.runFiles(of: "submit"), console) { files in
            try await run(arguments, files, console)
        }
    }

    private static func run(
        _ arguments: Arguments, _ files: RunFiles, _ console: Console
    ) async throws -> ExitCode {
        let options = try options(from: arguments)
        let serviceOptions = try arguments.serviceOptions()
        let (maxDuration, retryTime) = (try arguments.maxDuration(), try arguments.retryTime())
        let manifests = try arguments.operands.map { path in
            try StoredManifest(
                reading: path, clips: arguments.string(.clips), followsLinks: arguments.isSet(.followLinks))
        }
        let output = OutputFolder(arguments.string(output) ?? folder(of: manifests.first?.path ?? "."))
        let sorted = manifests.sorted { $0.manifest.clip.comesBefore($1.manifest.clip) }
        return try await BatchLaunch.run(
            using: serviceOptions, output: output, clipCount: sorted.count,
            maxDuration: maxDuration, retryTime: retryTime, interval: try arguments.progressInterval(), files: files,
            console
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
        options.clipsInFlight = try arguments.integer(clipsInFlight, in: 1...64).map(Int.init) ?? options.clipsInFlight
        options.blocksInFlight = try arguments.integer(blocksInFlight, in: 1...64).map(Int.init)
        options.whenChanged =
            try arguments.choice(whenChanged, SubmitOptions.WhenChanged.allCases.map { ($0.rawValue, $0) }) ?? .update
        options.takeOverAfter =
            try arguments.value(takeOverAfter, SubmitOptions.expectedAge, SubmitOptions.age) ?? options.takeOverAfter
        options.whenUnlisted =
            try arguments.choice(whenUnlisted, SubmitOptions.WhenUnlisted.allCases.map { ($0.rawValue, $0) }) ?? .stop
        arguments.setRunOptions(of: &options)
        return options
    }
}
