import ClipModel
import Foundation
import TestSupport
import Testing

/// `offset: auto` on clips with parts that nobody wants to see.
@Suite struct AutoOffsetTests {
    @Test(arguments: AwkwardClip.all)
    func `the picture that is chosen is none that nobody wants to see`(clip: AwkwardClip) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            let answer = try await examine(file, ThumbnailRequest(offset: .auto))
            let thumbnails = try #require(answer.thumbnails)
            let time = thumbnails.frameTime.seconds
            let described = thumbnails.candidates.map { "\($0.milliseconds) \($0.score) \($0.condition.rawValue)" }
            #expect(
                !clip.unwanted.contains { $0.contains(time) }, "\(time) s of \(described.joined(separator: ", "))")
            #expect(answer.warnings.isEmpty)
            // What is said of it is true of it.
            #expect(thumbnails.candidates.count(where: \.isChosen) == 1)
            #expect(thumbnails.candidates.first(where: \.isChosen)?.milliseconds == thumbnails.usedOffsetMilliseconds)
            #expect(thumbnails.candidates.count <= 13)
            #expect(answer.decodedFrames <= clip.mostDecoded)
            // The same frame by its number, whoever asks and with however many threads.
            let named = ThumbnailRequest(offsetMilliseconds: thumbnails.usedOffsetMilliseconds, whenPastEnd: .fail)
            #expect(try await examine(file, named).thumbnails?.large == thumbnails.large)
            #expect(try await examine(file, ThumbnailRequest(offset: .auto), threads: 3).thumbnails == thumbnails)
        }
    }

    @Test func `a recording that is black all over has a picture, and a warning`() async throws {
        try await withTemporaryFolder { folder in
            let clip = AwkwardClip("black", "drawbox=t=fill:color=black", unwanted: [])
            let answer = try await examine(try await clip.make(in: folder), ThumbnailRequest(offset: .auto))
            #expect(answer.warnings == ["No picture worth showing was found; the one that is shown is black."])
            #expect(answer.thumbnails?.candidates.allSatisfy { $0.condition == .black } == true)
            #expect(answer.thumbnails?.reason?.hasSuffix("of 1000, though it is black.") == true)
        }
    }

    @Test func `a picture on which the decoder finds damage is not chosen`() async throws {
        try await withTemporaryFolder { folder in
            let clip = AwkwardClip("damaged", "null", unwanted: [])
            let file = try await clip.make(in: folder)
            let whole = try #require(try await examine(file, ThumbnailRequest(offset: .auto)).thumbnails)
            // Zeros, as a disk gives for lost sectors, in the keyframe that would be chosen.
            let probe = try await run(
                "ffprobe",
                [
                    "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,pos,size,flags", "-of",
                    "csv=p=0", file.path,
                ])
            let packet = try #require(
                probe.outputText.split(separator: "\n").map { $0.split(separator: ",") }.first {
                    abs((Double($0[0]) ?? -1) - whole.frameTime.seconds) < 0.01
                })
            var bytes = try Data(contentsOf: file)
            let (size, position) = (try #require(Int(packet[1])), try #require(Int(packet[2])))
            let range = (position + size / 3)..<(position + size / 2)
            bytes.replaceSubrange(range, with: Data(count: range.count))
            try bytes.write(to: file)
            let answer = try await examine(file, ThumbnailRequest(offset: .auto))
            #expect(answer.thumbnails?.usedOffsetMilliseconds != whole.usedOffsetMilliseconds)
            #expect(answer.warnings.isEmpty)
        }
    }

    @Test func `the strip of candidates is a JPEG of as many pictures`() async throws {
        try await withTemporaryFolder { folder in
            let file = try await AwkwardClip.all[0].make(in: folder)
            var request = MediaRequest(thumbnails: ThumbnailRequest(offset: .auto))
            request.showsCandidates = true
            let answer = try await examine(file, request)
            let count = try #require(answer.thumbnails?.candidates.count)
            let luma = try Luma(jpeg: try #require(answer.strip))
            #expect(luma.width == min(count, 4) * 320 && luma.height == (count + 3) / 4 * 180)
        }
    }
}

/// A moving picture of ten seconds of which some parts are not to be shown.
struct AwkwardClip: Sendable, CustomStringConvertible {
    var name: String
    /// Filters that spoil parts of it.
    var filters: String
    /// In seconds.
    var unwanted: [ClosedRange<Double>]
    var interval = 15
    var arguments = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
    /// Coded frames at most: twelve keyframes, one for each fact, and one run.
    var mostDecoded = 40

    var description: String { name }

    init(
        _ name: String, _ filters: String, unwanted: [ClosedRange<Double>], interval: Int = 15,
        arguments: [String]? = nil, mostDecoded: Int = 40
    ) {
        (self.name, self.filters, self.unwanted) = (name, filters, unwanted)
        (self.interval, self.mostDecoded) = (interval, mostDecoded)
        self.arguments = arguments ?? self.arguments
    }

    func make(in folder: URL) async throws -> URL {
        let file = folder.appending(path: "clip.mp4")
        let source = "testsrc2=size=192x108:rate=15:duration=10,\(filters)"
        try await ffmpeg(
            ["-v", "error", "-f", "lavfi", "-i", source] + arguments
                + ["-g", "\(interval)", "-keyint_min", "\(interval)", "-sc_threshold", "0", "-t", "10", file.path])
        return file
    }

    private static func filled(_ colour: String, _ when: String) -> String {
        "drawbox=t=fill:color=\(colour):enable='\(when)'"
    }

    /// A dark screen with a name and a bar that grows.
    private static func loading(_ when: String, ground: String = "0x181c28", letters: String = "0xd0d0d0") -> String {
        [
            filled(ground, when), "drawbox=x=70:y=40:w=50:h=12:t=fill:color=\(letters):enable='\(when)'",
            "drawbox=x=46:y=90:w='10+mod(t,4)*20':h=4:t=fill:color=\(letters):enable='\(when)'",
        ].joined(separator: ",")
    }

    /// The frame at a second stays for so many more.
    private static func frozen(at second: Int, for seconds: Int) -> String {
        "loop=loop=\(seconds * 15):size=1:start=\(second * 15)"
    }

    private static let hevc = [
        "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:pools=none", "-tag:v", "hvc1",
        "-pix_fmt", "yuv420p",
    ]

    static let all: [AwkwardClip] = [
        AwkwardClip("black for 2 s", filled("black", "lt(t,2)"), unwanted: [0...1.95]),
        AwkwardClip("black for 6 s", filled("black", "lt(t,6)"), unwanted: [0...5.95]),
        AwkwardClip("black at both ends", filled("black", "lt(t,3)+gt(t,7)"), unwanted: [0...2.95, 7.05...10]),
        AwkwardClip("fade in", "fade=in:st=0:d=3", unwanted: [0...2.7]),
        AwkwardClip("black, then fade in", "fade=in:st=1:d=3", unwanted: [0...3.7]),
        AwkwardClip("fade out", "fade=out:st=6:d=3", unwanted: [6.3...10]),
        AwkwardClip("fade in and out", "fade=in:st=0:d=4,fade=out:st=6:d=4", unwanted: [0...3.6, 6.4...10]),
        AwkwardClip("fade from white", "fade=in:st=0:d=3:color=white", unwanted: [0...2.7]),
        AwkwardClip("fade to white", "fade=out:st=5:d=3:color=white", unwanted: [5.3...10]),
        AwkwardClip(
            "fade out and in again",
            "fade=out:st=3:d=1.5:enable='between(t,3,5)',fade=in:st=5:d=1.5:enable='gt(t,5)'", unwanted: [3.15...6.35]),
        AwkwardClip(
            "one picture is blended into another",
            "split[a][b];[b]hflip,hue=h=120[c];[a]trim=0:6,fps=15[d];[c]trim=0:6,setpts=PTS-STARTPTS,fps=15[e];"
                + "[d][e]xfade=offset=4:duration=2", unwanted: [4.2...5.8]),
        AwkwardClip("loading screen first", loading("lt(t,4)"), unwanted: [0...3.95]),
        AwkwardClip("loading screen in the middle", loading("between(t,3,7)"), unwanted: [3...7]),
        AwkwardClip(
            "white loading screen", loading("lt(t,5)", ground: "0xf0f0f0", letters: "0x404040"), unwanted: [0...4.95]),
        AwkwardClip("loading screen with a rich picture", frozen(at: 0, for: 5), unwanted: [0...5]),
        AwkwardClip(
            "loading screen with a rich picture and a sign that turns",
            "\(frozen(at: 0, for: 5)),drawbox=x=180:y='96+mod(t*15,4)':w=6:h=6:t=fill:color=white:enable='lt(t,5)'",
            unwanted: [0...5]),
        AwkwardClip(
            "white flashes on every other keyframe", filled("white", "lt(mod(t,2),0.2)"),
            unwanted: (0..<5).map {
                Double($0 * 2)...(Double($0 * 2) + 0.15)
            }),
        AwkwardClip(
            "white flashes on every keyframe", filled("white", "lt(mod(t,1),0.2)"),
            unwanted: (0..<10).map {
                Double($0)...(Double($0) + 0.15)
            }),
        AwkwardClip(
            "flashes of light", filled("white@0.85", "lt(mod(t,1),0.3)"),
            unwanted: (0..<10).map {
                Double($0)...(Double($0) + 0.25)
            }),
        AwkwardClip(
            "black frames on every keyframe", filled("black", "lt(mod(t,1),0.1)"),
            unwanted: (0..<10).map {
                Double($0)...(Double($0) + 0.06)
            }),
        AwkwardClip("frozen in the middle", frozen(at: 3, for: 4), unwanted: [3.05...6.95]),
        AwkwardClip("frozen at the start", frozen(at: 0, for: 4), unwanted: [0...3.95]),
        AwkwardClip("frozen at the end", frozen(at: 5, for: 5), unwanted: [5.05...10]),
        AwkwardClip(
            "one keyframe, black for 3 s", filled("black", "lt(t,3)"), unwanted: [0...2.95], interval: 1000,
            mostDecoded: 160),
        AwkwardClip(
            "one keyframe, fade in", "fade=in:st=0:d=3", unwanted: [0...2.7], interval: 1000, mostDecoded: 160),
        AwkwardClip(
            "one keyframe, loading screen", loading("lt(t,4)"), unwanted: [0...3.95], interval: 1000,
            mostDecoded: 160),
        AwkwardClip(
            "HEVC, black and fade in", "fade=in:st=2:d=2", unwanted: [0...3.8], arguments: hevc),
        AwkwardClip(
            "ten bits, full range, black for 4 s", filled("black", "lt(t,4)"), unwanted: [0...3.95],
            arguments: [
                "-vf", "scale=out_range=full", "-color_range", "pc", "-c:v", "libx264", "-preset", "veryfast",
                "-pix_fmt",
                "yuv420p10le",
            ]),
        AwkwardClip(
            "fragments, black for 3 s", filled("black", "lt(t,3)"), unwanted: [0...2.95],
            arguments: [
                "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-movflags",
                "frag_keyframe+empty_moov",
            ]),
        AwkwardClip(
            "black, loading screen, fade in, flash",
            [
                "fade=in:st=5:d=2", loading("between(t,1,4.99)"), filled("black", "lt(t,1)"),
                filled("white", "between(t,8,8.2)"),
            ].joined(separator: ","), unwanted: [0...6.8, 8...8.2]),
        AwkwardClip(
            "grey and washed out at first", "eq=contrast=0.15:enable='lt(t,5)'", unwanted: [0...4.95]),
    ]
}
