import ClipModel
import FoundationEssentials
import MediaWorker
import SystemIO

extension Flag {
    static let offset = Flag(name: "--offset", value: "MS", help: "milliseconds from the start (default: 3000)")
    static let fit = Flag(name: "--fit", value: "FIT", help: "cover (default; crops) or contain (black bars)")
    static let quality = Flag(name: "--quality", value: "N", help: "JPEG quality, 1 to 100 (default: 90)")
    static let whenPastEnd = Flag(
        name: "--when-past-end", value: "WHAT", help: "last-frame (default) or fail, for an offset after the end")
}

extension Arguments {
    /// The flags that say which frame, and how.
    func thumbnailRequest() throws(UsageError) -> ThumbnailRequest {
        ThumbnailRequest(
            offsetMilliseconds: try integer(.offset, in: 0...Int64(Int32.max)) ?? 3_000,
            whenPastEnd: try choice(.whenPastEnd, ThumbnailRequest.PastEnd.allCases.map { ($0.rawValue, $0) })
                ?? .lastFrame,
            fit: try choice(.fit, PictureFit.allCases.map { ($0.rawValue, $0) }) ?? .cover,
            quality: try integer(.quality, in: 1...100).map(Int.init) ?? 90)
    }
}

/// `clipship thumbnail`: the two pictures of one file.
enum ThumbnailCommand: Command {
    static let large = Flag(name: "--large", value: "OUT", help: "write the large one (856 x 424) here")
    static let small = Flag(name: "--small", value: "OUT", help: "write the small one (424 x 208) here")

    static let spec = CommandSpec(
        name: "thumbnail", summary: "Render the thumbnails of one file at an offset.", operands: "FILE",
        operandCount: 1...1, flags: [.offset, large, small, .fit, .quality, .whenPastEnd],
        example: "clipship thumbnail samples/boss-fight.mp4 --offset 20000 --large boss.jpg")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let request = MediaRequest(
            thumbnails: try arguments.thumbnailRequest(),
            decoderThreads: ProcessInfo.processInfo.activeProcessorCount)
        guard arguments.isSet(large) || arguments.isSet(small) else {
            throw UsageError("nothing to write: give --large OUT, --small OUT or both", command: spec.name)
        }
        let path = arguments.operands[0]
        let file = try OpenFile(path)
        let media = MediaWorkerPool(width: 1, console)
        media.prepare()
        let answer: MediaAnswer
        do throws(MediaError) {
            answer = try await media.examine(file, request)
        } catch {
            throw Failure("\(path): \(error.message)", error.kind == .workerUnavailable ? .temporary : .someFailed)
        }
        await media.close()
        guard let pictures = answer.thumbnails else { throw Failure("\(path): no picture could be made", .someFailed) }
        for warning in answer.warnings { console.info("\(path): warning: \(warning)") }
        for (flag, jpeg) in [(large, pictures.large), (small, pictures.small)] {
            if let target = arguments.string(flag) { try DurableFile.write(jpeg, to: target) }
        }
        console.info("\(path): the frame at \(pictures.frameTime.milliseconds) ms")
        return .success
    }
}
