import ClipModel
import MediaWorker
import Pipeline
import SystemIO

/// `clipship probe`: what files are.
enum ProbeCommand: Command {
    static let spec = CommandSpec(
        name: "probe", summary: "Say what files are: duration, size, blocks, video and audio.", operands: "FILE...",
        operandCount: 1...Int.max, flags: [.format, .videoHash, .jobs] + Flag.lists,
        example: "clipship probe --format json samples/boss-fight.mp4")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let wantsJSON = try arguments.wantsJSON()
        let hashesVideo = arguments.isSet(.videoHash)
        let media = MediaWorkerPool(width: try arguments.jobs(), console)
        media.prepare()
        // A few more than are looked at, so that no worker waits, and few enough for the limit of open files.
        let permits = AsyncSemaphore(media.width + 4)
        let probes = await withTaskGroup(of: (Int, ClipProbe).self) { group in
            for (index, file) in arguments.operands.enumerated() {
                group.addTask {
                    (index, await permits.withPermit { await ClipProbe(of: file, by: media, hashesVideo: hashesVideo) })
                }
            }
            var probes: [Int: ClipProbe] = [:]
            for await (index, probe) in group { probes[index] = probe }
            return arguments.operands.indices.compactMap { probes[$0] }
        }
        await media.close()
        if wantsJSON {
            for probe in probes { console.print(try CanonicalJSON.line(probe)) }
        } else {
            console.print(table(of: probes, console.colour))
        }
        return probes.contains(where: \.isTemporary)
            ? .temporary : probes.contains { $0.error != nil } ? .someFailed : .success
    }

    private static func table(of probes: [ClipProbe], _ colour: Colour) -> String {
        var table = Table(columns: [
            .init(title: "FILE"), .init(title: "DURATION", alignment: .right), .init(title: "SIZE", alignment: .right),
            .init(title: "BLOCKS", alignment: .right), .init(title: "VIDEO"), .init(title: "AUDIO"),
            .init(title: "NOTES"),
        ])
        for probe in probes {
            guard let media = probe.media, let size = probe.fileSize, let blocks = probe.expectedBlocks else {
                let message = probe.error?.message ?? ""
                table.rows.append([.init(probe.file), "-", "-", "-", "-", "-", .init(message) { colour.red($0) }])
                continue
            }
            table.rows.append([
                .init(probe.file), .init(Format.seconds(media.durationSeconds)), .init("\(ByteCount(size))"),
                .init("\(blocks)"), .init(describe(media.video)), .init(media.audio.map(describe) ?? "none"),
                .init((probe.warnings ?? []).joined(separator: "; ")) { colour.yellow($0) },
            ])
        }
        return table.rendered(colour)
    }

    private static func describe(_ video: VideoFacts) -> String {
        let turned = video.rotation == 0 ? "" : ", turned \(video.rotation)°"
        let mirrored = video.mirrored ? ", mirrored" : ""
        let hdr = video.hdr.map { ", \($0)" } ?? ""
        return "\(video.codec) \(video.width)x\(video.height)\(rate(video.frameRate))\(hdr)\(turned)\(mirrored)"
    }

    /// ` at 59.94/s` from `60000/1001`.
    private static func rate(_ fraction: String) -> String {
        let parts = fraction.split(separator: "/").compactMap { Double($0) }
        guard parts.count == 2, parts[1] > 0, parts[0] > 0 else { return "" }
        let hundredths = (parts[0] / parts[1] * 100).rounded()
        let whole = hundredths / 100
        return " at \(whole == whole.rounded() ? String(Int(clamping: Int64(whole))) : String(whole))/s"
    }

    private static func describe(_ audio: AudioFacts) -> String {
        "\(audio.codec) \(audio.channels) ch, \(audio.sampleRate) Hz"
    }
}

extension Flag {
    static let videoHash = Flag(
        name: "--video-hash",
        help: "also the SHA-256 of the coded video, the same in any container; reads the whole file (JSON only)")
}
