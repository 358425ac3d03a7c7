import ClipModel
import FoundationEssentials
import Pipeline
import SystemIO
import Support

/// `clipship manifest`: manifests without a pipeline file.
enum ManifestCommand: Command {
    static let session = Flag(
        name: "--session", value: "FILE", help: "a session file with the scid and more, instead of --scid")
    static let output = Flag(name: "--output", value: "DIR", help: "write here (default: clipship-out)")
    static let caption = Flag(
        name: "--caption", value: "TEXT", help: "userCaption; {clip.name} and the like are filled in",
        takesEmpty: true)
    static let type = Flag(
        name: "--type", value: "TYPES", help: "such as \"MagicMoment, Achievement\" (default: DeveloperInitiated)")
    static let source = Flag(name: "--source", value: "SOURCE", help: "who recorded it (default: TitleDirect)")
    static let blockSize = Flag(name: "--block-size", value: "SIZE", help: "1kB to 2MB (default: 2MB)")
    static let writeBlocks = Flag(name: "--write-blocks", help: "also write each block as a file")

    static let spec = CommandSpec(
        name: "manifest", summary: "Write manifests and thumbnails from flags and sidecars, without a pipeline file.",
        operands: "FILE|DIR...", operandCount: 1...Int.max,
        flags: [
            .scid, session, output, .format, caption, type, source, .visibility, .offset, .whenBlank, .fit, .quality,
            .whenPastEnd,
            blockSize, writeBlocks, .videoHash, .jobs, .retryFailed,
        ] + Flag.lists,
        example: "clipship manifest samples --session samples/session.yaml --output out/manifests")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let folder = Path.absolute(arguments.string(output) ?? "clipship-out")
        var pipeline = PipelineFile(
            name: "manifest", session: try session(from: arguments), clips: try patterns(arguments.operands),
            output: folder)
        pipeline.request = try request(from: arguments)
        let thumbnail = try arguments.thumbnailRequest()
        let asksForFrame = arguments.isSet(.offset) || thumbnail.skipsBlank == true
        pipeline.thumbnails.source = asksForFrame ? .offset : .default
        pipeline.thumbnails.offset = asksForFrame ? thumbnail.offset : nil
        pipeline.thumbnails.skipsBlank = thumbnail.skipsBlank == true
        pipeline.thumbnails.whenPastEnd = thumbnail.whenPastEnd
        pipeline.thumbnails.fit = thumbnail.fit
        pipeline.thumbnails.quality = thumbnail.quality
        pipeline.blocks.write = arguments.isSet(writeBlocks)
        pipeline.blocks.size =
            try arguments.value(blockSize, "an amount from 1kB to \(BlockPlan.largestBlock.exactText)") { text in
                ByteCount(parsing: text).flatMap {
                    (1_000...BlockPlan.largestBlock.bytes).contains($0.bytes) ? $0 : nil
                }
            } ?? BlockPlan.largestBlock
        pipeline.videoHash = arguments.isSet(.videoHash)
        pipeline.submit.waitFor = .nothing
        pipeline.retriesRefusals = arguments.isSet(.retryFailed)
        let plan = try BatchPlan(pipeline, root: Path.absolute("."))
        return try await RunCommand.run(plan, jobs: try arguments.jobs(), interval: BatchDisplay.usualInterval, console)
    }

    /// A folder stands for every MP4 below it.
    private static func patterns(_ operands: [String]) throws(Failure) -> [String] {
        var patterns: [String] = []
        for operand in operands {
            let path = Path.absolute(operand)
            do throws(FileError) {
                let isFolder = try FileIdentity(of: path).kind == .folder
                patterns.append(Glob.escaping(path) + (isFolder ? "/**/*.[mM][pP]4" : ""))
            } catch {
                throw Failure(error)
            }
        }
        return patterns
    }

    private static func session(from arguments: Arguments) throws -> Session {
        switch (arguments.string(.scid), arguments.string(session)) {
        case (nil, let path?): return try Session(reading: path)
        case (let text?, nil) where GUID.isValid(text): return Session(scid: text)
        case (let text?, nil):
            throw UsageError(
                "--scid: expected a GUID such as 00000000-0000-0012-0023-000000000070, found \"\(text)\"",
                command: spec.name)
        default:
            throw UsageError("give either --scid or --session", command: spec.name)
        }
    }

    private static func request(from arguments: Arguments) throws(UsageError) -> RequestMembers {
        var request = RequestMembers()
        request.source = try listed(source, GameClipSource.listed, except: GameClipSource.none, arguments)
        request.visibility = try arguments.visibility()
        let types = GameClipType.listed.filter { $0 != GameClipType.none }
        request.type = try arguments.value(type, types.map(\.rawValue).joined(separator: ", ")) { text in
            let parsed = GameClipTypes(parsing: text)
            return !parsed.types.isEmpty && parsed.types.allSatisfy(types.contains) ? parsed : nil
        }
        if let text = arguments.string(caption) {
            do throws(TemplateError) {
                request.userCaption = try Template(parsing: text)
            } catch {
                throw UsageError("--caption: \(error)", command: spec.name)
            }
        }
        return request
    }

    private static func listed<Value: OpenEnumeration>(
        _ flag: Flag, _ listed: [Value], except none: Value, _ arguments: Arguments
    ) throws(UsageError) -> Value? {
        try arguments.choice(flag, listed.filter { $0 != none }.map { ($0.rawValue, $0) })
    }
}
