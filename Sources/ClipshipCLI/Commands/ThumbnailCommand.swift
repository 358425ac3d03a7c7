import ClipModel
import FoundationEssentials
import MediaWorker
import SystemIO

extension Flag {
    static let offset = Flag(
        name: "--offset", value: "WHERE",
        help:
            "milliseconds from the start (default: \(ThumbnailRequest.usualOffset)), 50%, chapter, chapter:TITLE, or auto: a picture worth showing"
    )
    static let whenBlank = Flag(
        name: "--when-blank", value: "WHAT",
        help: "keep (default) or next: the next picture that is not black, white, empty or damaged",
        choices: ["keep", "next"])
    static let fit = Flag(name: "--fit", value: "FIT", help: "cover (default; crops) or contain (black bars)")
    static let quality = Flag(
        name: "--quality", value: "N", help: "JPEG quality, 1 to 100 (default: \(ThumbnailRequest.usualQuality))")
    static let whenPastEnd = Flag(
        name: "--when-past-end", value: "WHAT", help: "last-frame (default) or fail, for an offset after the end")
}

extension Arguments {
    /// The flags that say which frame, and how.
    func thumbnailRequest() throws(UsageError) -> ThumbnailRequest {
        ThumbnailRequest(
            offset: try value(.offset, ThumbnailOffset.expected, ThumbnailOffset.init(parsing:))
                ?? ThumbnailRequest().offset,
            skipsBlank: try choice(.whenBlank, [("keep", nil), ("next", true)]) ?? nil,
            whenPastEnd: try choice(.whenPastEnd, ThumbnailRequest.PastEnd.allCases.map { ($0.rawValue, $0) })
                ?? .usual,
            fit: try choice(.fit, PictureFit.allCases.map { ($0.rawValue, $0) }) ?? .usual,
            quality: try integer(.quality, in: 1...100).map(Int.init) ?? ThumbnailRequest.usualQuality)
    }
}

/// `clipship thumbnail`: the two pictures of one file.
enum ThumbnailCommand: Command {
    static let large = Flag(name: "--large", value: "OUT", help: "write the large one (856 x 424) here")
    static let small = Flag(name: "--small", value: "OUT", help: "write the small one (424 x 208) here")

    static let explain = Flag(
        name: "--explain", value: "OUT", help: "write the pictures it was chosen among, with their scores, here")

    static let spec = CommandSpec(
        name: "thumbnail", summary: "Render the thumbnails of one file at an offset.", operands: "FILE",
        operandCount: 1...1, flags: [.offset, .whenBlank, large, small, explain, .fit, .quality, .whenPastEnd],
        example: "clipship thumbnail samples/boss-fight.mp4 --offset 20000 --large boss.jpg")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let thumbnails = try arguments.thumbnailRequest()
        var request = MediaRequest(
            thumbnails: thumbnails, decoderThreads: ProcessInfo.processInfo.activeProcessorCount)
        request.showsCandidates = arguments.isSet(explain)
        guard [large, small, explain].contains(where: arguments.isSet) else {
            throw UsageError(
                "nothing to write: give --large OUT, --small OUT or --explain OUT", command: spec.name)
        }
        guard thumbnails.choosesByPicture || !request.showsCandidates else {
            throw UsageError(
                "--explain: the offset says which picture it is; give --offset auto or --when-blank next",
                command: spec.name)
        }
        let path = arguments.operands[0]
        let file = try OpenFile(path)
        let answer = try await MediaWorkerPool.answer(of: file, at: path, request, console)
        guard let pictures = answer.thumbnails else { throw Failure("\(path): no picture could be made", .someFailed) }
        for (flag, jpeg) in [(large, pictures.large), (small, pictures.small)] {
            if let target = arguments.string(flag) { try DurableFile.write(jpeg, to: target) }
        }
        if let target = arguments.string(explain) {
            if let strip = answer.strip {
                try DurableFile.write(strip, to: target)
                console.print(table(of: pictures.candidates, console.colour))
            } else {
                console.info("\(path): nothing was to choose, so \(Path.shown(target)) is not written")
            }
        }
        let reason = pictures.reason.map { ": \($0)" } ?? ""
        console.info("\(path): the frame at \(pictures.frameTime.milliseconds) ms\(reason)")
        if console.level == .verbose { console.info("\(path): \(answer.decodedFrames) coded frames were decoded") }
        return .success
    }

    private static func table(of candidates: [PictureCandidate], _ colour: Colour) -> String {
        var table = Table(columns: [
            .init(title: "MS", alignment: .right), .init(title: "SCORE", alignment: .right), .init(title: "PICTURE"),
            .init(title: "CHOSEN"),
        ])
        for candidate in candidates {
            table.rows.append([
                .init("\(candidate.milliseconds)"), .init("\(candidate.score)"), .init(candidate.condition.rawValue),
                .init(candidate.isChosen ? "yes" : ""),
            ])
        }
        return table.rendered(colour)
    }
}
