import ClipModel
import FoundationEssentials
import MediaWorker
import Pipeline
import SystemIO

/// `clipship sheet`: many pictures of one recording in one.
enum SheetCommand: Command {
    static let columns = Flag(
        name: "--columns", value: "N", help: "1 to \(SheetRequest.mostColumns) (default: 4; 10 with --sprite)")
    static let rows = Flag(
        name: "--rows", value: "N", help: "at most; 1 to \(SheetRequest.mostRows) (default: 4; 10 with --sprite)")
    static let every = Flag(
        name: "--every", value: "TIME",
        help: "from one picture to the next, at least, such as 10s (default: as many pictures as there are places)")
    static let sprite = Flag(
        name: "--sprite", help: "small pictures without times on them, and a WebVTT file beside them for players")
    static let exact = Flag(
        name: "--exact", help: "each picture is the frame at its time, not the keyframe before; decodes far more")
    static let output = Flag(
        name: "--output", value: "OUT", help: "write it here (default: CLIP.sheet.jpg); the WebVTT file beside it")

    static let spec = CommandSpec(
        name: "sheet", summary: "Make a contact sheet of one file, or a sprite with WebVTT for players.",
        operands: "FILE|MANIFEST", operandCount: 1...1,
        flags: [columns, rows, every, sprite, exact, .quality, output, .clips, .followLinks],
        example: "clipship sheet samples/boss-fight.mp4 --sprite --every 2s --output boss.jpg")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        var request = MediaRequest(deadlineSeconds: MediaRequest.wholeFile)
        let sheet = SheetRequest(
            columns: try arguments.integer(columns, in: 1...Int64(SheetRequest.mostColumns)).map(Int.init),
            rows: try arguments.integer(rows, in: 1...Int64(SheetRequest.mostRows)).map(Int.init),
            everyMilliseconds: try arguments.value(
                every, SheetRequest.expectedDistance, SheetRequest.distance(parsing:)),
            isSprite: arguments.isSet(sprite), isExact: arguments.isSet(exact),
            quality: try arguments.integer(.quality, in: 1...100).map(Int.init) ?? ThumbnailRequest.usualQuality)
        request.sheet = sheet
        let (file, path, name) = try clip(arguments)
        let target = arguments.string(output) ?? "\(name).sheet.jpg"
        guard !sheet.isSprite || track(of: target) != target else {
            throw UsageError("--output: the picture can't have the name of the WebVTT file", command: spec.name)
        }
        let answer = try await MediaWorkerPool.answer(of: file, at: path, request, console)
        guard let made = answer.sheet else { throw Failure("\(path): no sheet could be made", .someFailed) }
        try DurableFile.write(made.jpeg, to: target)
        if sheet.isSprite {
            try DurableFile.write(Data(made.webVTT(of: Path.name(of: target)).utf8), to: track(of: target))
        }
        console.info(
            "\(path): \(made.tiles.count) pictures of \(made.tile) in \(Path.shown(target))"
                + (sheet.isSprite ? ", with \(Path.shown(track(of: target)))" : ""))
        if console.level == .verbose { console.info("\(path): \(answer.decodedFrames) coded frames were decoded") }
        return .success
    }

    /// The MP4 and the clip's name; a manifest says where it is.
    private static func clip(_ arguments: Arguments) throws -> (file: OpenFile, path: String, name: String) {
        let operand = arguments.operands[0]
        guard operand.lowercased().hasSuffix(".json") else {
            return (try OpenFile(operand), operand, Path.withoutExtension(Path.name(of: operand)))
        }
        let stored = try StoredManifest(
            reading: operand, clips: arguments.string(.clips), followsLinks: arguments.isSet(.followLinks))
        return (try stored.openClip(), stored.file, Path.name(of: stored.manifest.clip))
    }

    private static func track(of picture: String) -> String {
        Path.withoutExtension(picture) + ".vtt"
    }
}
