import ClipModel
import Foundation
import TestSupport
import Testing

/// A clip whose frames carry their numbers: twelve squares in a row across the middle, white is 1, the highest bit
/// first.
struct NumberedClip: Hashable, Sendable, CustomStringConvertible {
    enum Codec: String, Sendable, CaseIterable {
        case h264
        case hevc
    }

    var codec = Codec.h264
    var isFragmented = false
    /// With an edit list that starts at the first frame, as muxers write it to hide the decoder's delay.
    var hasEditList = true
    var frames = 90
    /// Frames a second.
    var rate = "30"
    /// Frames from one keyframe to the next.
    var keyframeInterval = 30
    var bFrames = 2
    var size = "320x180"
    /// Arguments before the file.
    var arguments: [String] = []

    var description: String {
        "\(codec.rawValue)\(isFragmented ? ", fragmented" : "")\(hasEditList ? "" : ", no edit list")"
    }

    /// Both codecs, plain and fragmented, with and without edit list.
    static let kinds = Codec.allCases.flatMap { codec in
        [false, true].flatMap { isFragmented in
            [true, false].map { NumberedClip(codec: codec, isFragmented: isFragmented, hasEditList: $0) }
        }
    }

    /// Those of `kinds` that are one piece.
    static let plain = kinds.filter { !$0.isFragmented }

    /// A copy of its own for the caller. Each kind of clip is coded once.
    func make(in folder: URL, name: String = "clip.mp4") async throws -> URL {
        let file = folder.appending(path: name)
        try await Self.store.bytes(of: self, named: name) {
            try await withTemporaryFolder { folder in
                try await encode(to: folder.appending(path: name))
                return try Data(contentsOf: folder.appending(path: name))
            }
        }.write(to: file)
        return file
    }

    private static let store = ClipStore()

    private func encode(to file: URL) async throws {
        let source =
            "\(Self.numbers(rate)),scale=\(size.replacing("x", with: ":")):flags=neighbor,setsar=1,format=yuv420p"
        try await ffmpeg(
            ["-v", "error", "-f", "lavfi", "-i", source, "-frames:v", "\(frames)"] + encoding + muxing + arguments
                + [file.path])
    }

    /// Few pixels, of which each is a square of the clip: `geq` takes its time for each.
    private static func numbers(_ rate: String) -> String {
        """
        color=gray:size=20x25:rate=\(rate),format=gray,\
        geq=lum='if(between(X\\,4\\,15)*between(Y\\,10\\,13)\\,\
        16+219*mod(floor(N/pow(2\\,15-X))\\,2)\\,60+5*X+mod(N*3\\,40))'
        """
    }

    private var encoding: [String] {
        let gops = "keyint=\(keyframeInterval):min-keyint=\(keyframeInterval):scenecut=0:bframes=\(bFrames)"
        switch codec {
        case .h264:
            return ["-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-x264-params", gops + ":b-adapt=0"]
        case .hevc:
            let single = "log-level=none:pools=none:frame-threads=1:open-gop=0:b-adapt=0"
            return ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "\(gops):\(single)", "-tag:v", "hvc1"]
        }
    }

    private var muxing: [String] {
        let flags = isFragmented ? "empty_moov+default_base_moof+frag_keyframe" : ""
        return (flags.isEmpty ? [] : ["-movflags", flags]) + (hasEditList ? [] : ["-use_editlist", "0"])
    }
}

/// The bytes of clips that were coded, each once for all tests.
private actor ClipStore {
    private struct Key: Hashable {
        var clip: NumberedClip
        var name: String
    }

    private var clips: [Key: Task<Data, any Error>] = [:]

    func bytes(
        of clip: NumberedClip, named name: String, _ make: @escaping @Sendable () async throws -> Data
    ) async throws -> Data {
        let key = Key(clip: clip, name: name)
        let task = clips[key] ?? Task { try await make() }
        clips[key] = task
        return try await task.value
    }
}

/// The number that a frame of a `NumberedClip` carries, in a thumbnail that shows its whole width upright.
func frameNumber(inJPEG jpeg: Data) throws -> Int {
    let luma = try Luma(jpeg: jpeg)
    return (0..<12).reduce(0) { number, bit in
        let x = Int(Double(luma.width) * (0.2 + 0.05 * (Double(bit) + 0.5)))
        return number << 1 | (luma.mean(x: x, y: luma.height / 2, radius: 6) > 128 ? 1 : 0)
    }
}

/// The number of the frame that is shown at an offset, with the answer.
func numberShown(
    _ file: URL, at milliseconds: Int64, whenPastEnd: ThumbnailRequest.PastEnd = .fail, threads: Int = 1
) async throws -> (number: Int, answer: MediaAnswer) {
    let request = ThumbnailRequest(offsetMilliseconds: milliseconds, whenPastEnd: whenPastEnd)
    let answer = try await examine(file, request, threads: threads)
    return (try frameNumber(inJPEG: try #require(answer.thumbnails).large), answer)
}
