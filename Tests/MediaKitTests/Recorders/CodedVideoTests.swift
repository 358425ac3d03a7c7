import ClipModel
import Foundation
import MediaKit
import TestSupport
import Testing

/// What is said of the coded video: its digest, its colours, its time code.
@Suite struct CodedVideoTests {
    private func digest(_ file: URL) async throws -> String? {
        try await facts(file, hashing: true).video.codedSHA256?.description
    }

    private func facts(_ file: URL, hashing: Bool = false) async throws -> MediaFacts {
        try await offThePool {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            return try MediaEngine().examine(
                descriptor: handle.fileDescriptor, request: MediaRequest(hashesVideo: hashing)
            ).facts
        }
    }

    /// `0,v,SHA256=...`
    private func streamHash(_ file: URL) async throws -> String {
        let result = try await ffmpeg([
            "-v", "error", "-i", file.path, "-map", "0:v", "-c", "copy", "-f", "streamhash", "-hash", "sha256", "-",
        ])
        return try #require(
            result.outputText.split(separator: "=").last?.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test(arguments: NumberedClip.kinds)
    func `the digest is ffmpeg's, and the same in every container`(clip: NumberedClip) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            let digest = try #require(try await digest(file))
            #expect(try await digest == streamHash(file))
            #expect(try await facts(file).video.codedSHA256 == nil)
            let copies = [
                ("moved.mp4", ["-movflags", "faststart"]), ("copy.mov", []),
                ("pieces.mp4", ["-movflags", "frag_every_frame+empty_moov+default_base_moof"]),
            ]
            for (name, flags) in copies {
                let copy = folder.appending(path: name)
                try await ffmpeg(["-v", "error", "-i", file.path, "-map", "0:v", "-c", "copy"] + flags + [copy.path])
                #expect(try await self.digest(copy) == digest, "\(name)")
            }
            var other = clip
            other.frames = 89
            #expect(try await self.digest(try await other.make(in: folder, name: "other.mp4")) != digest)
        }
    }

    @Test func `other tracks are no part of the digest`() async throws {
        try await withTemporaryFolder { folder in
            let (file, mute) = (folder.appending(path: "clip.mp4"), folder.appending(path: "mute.mp4"))
            try await ffmpeg([
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=2", "-f", "lavfi", "-i",
                "sine=duration=2", "-c:v", "libx264", "-c:a", "aac", file.path,
            ])
            try await ffmpeg(["-v", "error", "-i", file.path, "-map", "0:v", "-c", "copy", mute.path])
            let digest = try #require(try await digest(file))
            #expect(try await digest == streamHash(file))
            #expect(try await self.digest(mute) == digest)
        }
    }

    @Test func `colours are as ffprobe has them`() async throws {
        let forms: [(format: String, tags: [String], bits: Int)] = [
            ("yuv420p", ["bt709", "bt709", "bt709", "tv"], 8),
            ("yuv420p", ["bt470bg", "smpte170m", "bt470bg", "pc"], 8),
            ("yuv420p10le", ["bt2020", "smpte2084", "bt2020nc", "tv"], 10),
        ]
        for (format, tags, bits) in forms {
            try await withTemporaryFolder { folder in
                let file = folder.appending(path: "clip.mp4")
                // Newer releases of ffmpeg go by what the frames say, not by the options of the encoder.
                let stamps = zip(["color_primaries", "color_trc", "colorspace", "range"], tags).map { "\($0)=\($1)" }
                let filter = "format=\(format),setparams=\(stamps.joined(separator: ":"))"
                try await RefusalTests.make(["-pix_fmt", format, "-vf", filter], file)
                let probe = try await run(
                    "ffprobe",
                    [
                        "-v", "error", "-select_streams", "v", "-of", "default=nw=1:nk=1", "-show_entries",
                        "stream=color_range,color_space,color_transfer,color_primaries", file.path,
                    ])
                let lines = probe.outputText.split(separator: "\n").map(String.init)
                try #require(lines.count == 4)
                let (range, matrix, transfer, primaries) = (lines[0], lines[1], lines[2], lines[3])
                let colour = try #require(try await facts(file).video.colour)
                #expect(colour.primaries == primaries && primaries == tags[0])
                #expect(colour.transfer == transfer && transfer == tags[1])
                #expect(colour.matrix == matrix && matrix == tags[2])
                #expect(colour.range == (range == "pc" ? .full : .limited))
                #expect(colour.bitDepth == bits)
            }
        }
    }

    @Test func `how HDR was mastered is read, from the first frame and from later ones`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            let master = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
            try await ffmpeg([
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=1", "-pix_fmt",
                "yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
                "log-level=none:pools=none:frame-threads=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:\(master):max-cll=1000,400:hdr10=1",
                "-tag:v", "hvc1", file.path,
            ])
            for request in [nil, ThumbnailRequest(offsetMilliseconds: 700)] {
                let video = try await examine(file, request).facts.video
                let metadata = try #require(video.hdrMetadata)
                #expect(metadata.contentLight == .init(max: 1000, average: 400))
                let display = try #require(metadata.masteringDisplay)
                #expect(display.red == [0.68, 0.32])
                #expect(display.green == [0.265, 0.69])
                #expect(display.blue == [0.15, 0.06])
                #expect(display.white == [0.3127, 0.329])
                #expect(display.minLuminance == 0.005 && display.maxLuminance == 1000)
                #expect(metadata.hdr10Plus == nil && metadata.dolbyVision == nil)
                #expect(video.hdr == "PQ")
            }
        }
    }

    @Test(arguments: [("25", "01:02:03:04"), ("30000/1001", "01:00:00;02")])
    func `a time code is read from its track`(rate: String, code: String) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mov")
            try await ffmpeg([
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=\(rate):duration=1", "-c:v", "libx264",
                "-timecode", code, file.path,
            ])
            let found = try await facts(file)
            #expect(found.timeCode == code)
            let plain = folder.appending(path: "plain.mp4")
            try await RefusalTests.make([], plain)
            #expect(try await facts(plain).timeCode == nil)
            #expect(try await facts(plain).video.hdrMetadata == nil)
        }
    }
}
