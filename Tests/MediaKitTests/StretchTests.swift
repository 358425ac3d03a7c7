import ClipModel
import Foundation
import MediaKit
import TestSupport
import Testing

/// Black, frozen and silent stretches, compared with FFmpeg's own filters.
@Suite struct StretchTests {
    private func found(_ file: URL, _ stretches: StretchRequest) async throws -> FoundStretches {
        let answer = try await offThePool {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            var request = MediaRequest()
            request.stretches = stretches
            return try MediaEngine().examine(descriptor: handle.fileDescriptor, request: request)
        }
        return try #require(answer.stretches)
    }

    /// What `ffmpeg` says of the first stretch, by the names that the filter prints.
    private func reference(_ file: URL, _ flag: String, _ filter: String, _ names: [String]) async throws -> [Double] {
        let result = try await ffmpeg(["-v", "info", "-i", file.path, flag, filter, "-f", "null", "-"])
        return try names.map { name in
            let part = try #require(result.errorText.split(separator: "\(name):", maxSplits: 1).dropFirst().first)
            return try #require(Double(part.drop { $0 == " " }.prefix { $0.isNumber || $0 == "." }))
        }
    }

    private func make(_ arguments: [String], _ file: URL, seconds: Int = 5) async throws {
        try await ffmpeg(
            ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=20:duration=\(seconds)"] + arguments
                + [file.path])
    }

    private static let codecs = [
        ["-c:v", "libx264", "-pix_fmt", "yuv420p"], ["-c:v", "libx264", "-pix_fmt", "yuv422p10le"],
        ["-c:v", "libx264", "-pix_fmt", "yuvj420p"],
        ["-c:v", "libx265", "-x265-params", "log-level=none:pools=none", "-pix_fmt", "yuv420p", "-tag:v", "hvc1"],
        ["-c:v", "libx264", "-bf", "3", "-movflags", "empty_moov+frag_keyframe", "-pix_fmt", "yuv420p"],
    ]

    @Test(arguments: codecs)
    func `a black stretch is where blackdetect has it`(codec: [String]) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await make(["-vf", "drawbox=t=fill:c=black:enable='between(t,1,3.2)'"] + codec, file)
            let black = try #require(try await found(file, .init(black: 1.5)).black)
            let names = ["black_start", "black_end"]
            let reference = try await reference(file, "-vf", "blackdetect=d=1.5", names)
            #expect(abs(black.start - reference[0]) < 1e-3 && abs(black.end - reference[1]) < 1e-3, "\(black)")
            #expect(try await found(file, .init(black: 2.5)).black == nil)
            #expect(try await found(file, .init(black: 1.5)).frozen == nil)
        }
    }

    @Test func `dark is not black, and what is black to the end is`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await make(["-vf", "drawbox=t=fill:c=0x303030:enable='gte(t,1)'", "-c:v", "libx264"], file)
            #expect(try await found(file, .init(black: 1)).black == nil)
            try await make(["-vf", "drawbox=t=fill:c=black:enable='gte(t,2)'", "-c:v", "libx264"], file)
            #expect(try await found(file, .init(black: 1)).black == .init(start: 2, end: 5))
        }
    }

    @Test(arguments: codecs)
    func `a frozen stretch is where freezedetect has it`(codec: [String]) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await make(["-vf", "loop=loop=40:size=1:start=30", "-frames:v", "120"] + codec, file)
            let frozen = try #require(try await found(file, .init(frozen: 1.5)).frozen)
            let names = ["freeze_start", "freeze_end"]
            let reference = try await reference(file, "-vf", "freezedetect=d=1.5", names)
            #expect(abs(frozen.start - reference[0]) < 1e-3 && abs(frozen.end - reference[1]) < 1e-3, "\(frozen)")
            #expect(try await found(file, .init(frozen: 4)).frozen == nil)
        }
    }

    @Test(arguments: [["-c:a", "aac"], ["-c:a", "aac", "-ac", "2"], ["-c:a", "pcm_s16le", "-f", "mov"]])
    func `a silent stretch is where silencedetect has it`(codec: [String]) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await make(
                [
                    "-f", "lavfi", "-i", "sine=duration=5:sample_rate=48000", "-af",
                    "volume=0:enable='between(t,1,3)'", "-c:v", "libx264",
                ] + codec, file)
            let silent = try #require(try await found(file, .init(silent: 1.5)).silent)
            let names = ["silence_start", "silence_end"]
            let reference = try await reference(file, "-af", "silencedetect=d=1.5", names)
            // ffmpeg leaves out what the coder put before the first sample: a frame of 1024 of them at most.
            #expect(abs(silent.start - reference[0]) < 0.03 && abs(silent.end - reference[1]) < 0.03, "\(silent)")
            #expect(try await found(file, .init(silent: 2.5)).silent == nil)
        }
    }

    @Test func `all kinds are found at once, and none where there is none`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            let sound = ["-f", "lavfi", "-i", "sine=duration=5", "-c:v", "libx264", "-c:a", "aac"]
            try await make(sound, file)
            let all = StretchRequest(black: 0.5, frozen: 0.5, silent: 0.5)
            #expect(try await found(file, all) == FoundStretches())
            try await make(
                sound + ["-vf", "drawbox=t=fill:c=black:enable='gte(t,3)'", "-af", "volume=0:enable='gte(t,3)'"], file)
            let some = try await found(file, all)
            #expect(some.black == .init(start: 3, end: 5))
            #expect(some.frozen == .init(start: 3, end: 5))
            let silent = try #require(some.silent)
            #expect(abs(silent.start - 3) < 0.05, "\(silent)")
        }
    }
}
