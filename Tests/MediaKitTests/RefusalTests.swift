import ClipModel
import Foundation
import TestSupport
import Testing

@testable import MediaKit

/// Each reason for which a file is refused.
@Suite struct RefusalTests {
    @Test(arguments: [
        ("", MediaError.Kind.empty),
        ("Not a video, only a text that is long enough.\n", .notMP4),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n", .notMP4),
        ("ffconcat version 1.0\nfile 'other.mp4'\n", .notMP4),
        ("short", .notMP4),
    ])
    func `what is no MP4 is told apart`(text: String, kind: MediaError.Kind) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try Data(text.utf8).write(to: file)
            let error = try #require(try await refusal(file))
            #expect(error.kind == kind)
            #expect(error.message.hasSuffix("."))
        }
    }

    @Test(arguments: [(300_000_000_000_000, false), (5_000_000_000, false), (4_294_967_200, true)])
    func `a clip that goes on for longer than can be said is refused with its duration`(
        start: UInt64, isTaken: Bool
    ) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await run(
                "ffmpeg",
                [
                    "-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x64:rate=1:duration=3", "-c:v", "libx264",
                    "-g", "1", "-video_track_timescale", "1", "-movflags",
                    "frag_keyframe+empty_moov+default_base_moof", file.path,
                ]
            ).expectSuccess()
            // The time of the last fragment (version, flags, 64 bits).
            var bytes = try Data(contentsOf: file)
            let box = try #require(bytes.range(of: Data("tfdt".utf8), options: .backwards))
            #expect(bytes[box.upperBound] == 1)
            bytes.replaceSubrange(
                (box.upperBound + 4)..<(box.upperBound + 12), with: withUnsafeBytes(of: start.bigEndian) { Data($0) })
            try bytes.write(to: file)
            guard !isTaken else {
                #expect(try await examine(file).facts.durationInSeconds == UInt32(start) + 1)
                return
            }
            let error = try #require(try await refusal(file))
            #expect(error.kind == .tooLarge)
            #expect(error.message.hasSuffix(" s, and a clip for at most 4294967295 s."), "\(error.message)")
            #expect(error.message.contains("\(Double(start + 1)) s"), "\(error.message)")
        }
    }

    @Test func `a call that fails is told with its error number`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try Data(count: 100).write(to: file)
            // Not open for reading.
            let descriptor = open(file.path, O_WRONLY | O_CLOEXEC)
            defer { close(descriptor) }
            let error = #expect(throws: MediaError.self) {
                try MediaEngine().examine(descriptor: descriptor, request: MediaRequest())
            }
            #expect(error?.kind == .unreadable && error?.code == EBADF)
        }
    }

    @Test func `a recording that was cut off has no movie header or no end`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            for (flags, kind) in [
                ("+empty_moov+frag_keyframe", nil), ("+faststart", MediaError.Kind.truncated),
                ("0", .movieHeaderMissing),
            ] {
                try await Self.make(["-movflags", flags], file)
                let whole = try Data(contentsOf: file)
                try whole.prefix(whole.count * 3 / 4).write(to: file)
                let error = try await refusal(file, ThumbnailRequest())
                #expect(error?.kind == kind, "\(flags)")
                if kind == nil {
                    let warnings = try await examine(file).warnings
                    #expect(warnings.contains { $0.contains("last fragment") })
                }
            }
        }
    }

    @Test func `a movie header that is cut is truncated`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await Self.make(["-movflags", "+faststart"], file)
            try Data(contentsOf: file).prefix(300).write(to: file)
            #expect(try await refusal(file)?.kind == .truncated)
        }
    }

    @Test func `sound alone is no video, and neither is a cover picture`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            let sound = ["-v", "error", "-f", "lavfi", "-i", "sine=duration=1"]
            try await ffmpeg(sound + ["-c:a", "aac", file.path])
            #expect(try await refusal(file)?.kind == .noVideo)
            let picture = ["-f", "lavfi", "-i", "testsrc2=duration=0.04:size=64x64"]
            let cover = ["-map", "0", "-map", "1", "-c:v:0", "png", "-disposition:v:0", "attached_pic", "-c:a", "aac"]
            try await ffmpeg(sound + picture + cover + [file.path])
            #expect(try await refusal(file)?.kind == .noVideo)
        }
    }

    @Test func `a codec that nobody knows is named as such`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await Self.make([], file)
            var bytes = try Data(contentsOf: file)
            let entry = try #require(bytes.range(of: Data("avc1".utf8), in: 40..<bytes.count))
            bytes.replaceSubrange(entry, with: Data("zzzz".utf8))
            try bytes.write(to: file)
            #expect(try await refusal(file)?.kind == .codecNotSupported)
        }
    }

    @Test func `frames of noise are nothing decodable`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await Self.make(["-movflags", "+faststart"], file)
            var bytes = try Data(contentsOf: file)
            let data = try #require(bytes.range(of: Data("mdat".utf8)))
            bytes.replaceSubrange(data.upperBound..., with: Data(repeating: 0x55, count: bytes.count - data.upperBound))
            try bytes.write(to: file)
            #expect(try await refusal(file, ThumbnailRequest())?.kind == .nothingDecodable)
        }
    }

    @Test func `an offset past the end fails only when asked to`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await Self.make([], file)
            let failing = ThumbnailRequest(offsetMilliseconds: 1000, whenPastEnd: .fail)
            #expect(try await refusal(file, failing)?.kind == .offsetPastEnd)
            let before = try await examine(file, ThumbnailRequest(offsetMilliseconds: 999, whenPastEnd: .fail))
            #expect(before.thumbnails?.usedOffsetMilliseconds == 999)
            let last = try #require(try await examine(file, ThumbnailRequest(offsetMilliseconds: 1000)).thumbnails)
            #expect(last.frameTime == MediaTime(value: 24, timescale: 25))
            #expect(last.usedOffsetMilliseconds == 960)
            let far = ThumbnailRequest(offsetMilliseconds: .max)
            #expect(try await examine(file, far).thumbnails?.frameTime == last.frameTime)
            let negative = try await examine(file, ThumbnailRequest(offsetMilliseconds: .min))
            #expect(negative.thumbnails?.frameTime == .zero)
        }
    }

    @Test func `a file that takes too long is given up`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await Self.make([], file)
            let handle = try FileHandle(forReadingFrom: file)
            let input = try FileInput(descriptor: handle.fileDescriptor, deadline: .zero, progress: {})
            let error = #expect(throws: MediaError.self) { try BoxScan(input) }
            #expect(error?.kind == .deadlineExceeded)
        }
    }

    @Test func `what can't be read says so`() async throws {
        let error = #expect(throws: MediaError.self) {
            try MediaEngine().examine(descriptor: -1, request: MediaRequest())
        }
        #expect(error?.kind == .unreadable)
        let folder = try await refusal(FileManager.default.temporaryDirectory)
        #expect(folder?.kind == .unreadable)
    }

    static func make(_ arguments: [String], _ file: URL) async throws {
        try await ffmpeg(
            ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=1"]
                + ["-c:v", "libx264", "-g", "10", "-pix_fmt", "yuv420p"] + arguments + [file.path])
    }
}
