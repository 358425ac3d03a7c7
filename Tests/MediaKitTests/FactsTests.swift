import ClipModel
import Foundation
import MediaKit
import TestSupport
import Testing

/// What is said of a file, against what `ffprobe` says and what is known of it.
@Suite struct FactsTests {
    @Test func `the facts of a recording with sound are what ffprobe says`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await ffmpeg([
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30000/1001:duration=2", "-f", "lavfi",
                "-i", "sine=duration=3:sample_rate=44100", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-vf",
                "setsar=4/3", "-c:a", "aac", "-ac", "2", "-metadata", "creation_time=2024-05-06T07:08:09Z", file.path,
            ])
            let answer = try await examine(file)
            let probe = try await run(
                "ffprobe",
                [
                    "-v", "error", "-select_streams", "v", "-show_entries", "stream=bit_rate,duration", "-of",
                    "csv=p=0",
                    file.path,
                ])
            let fields = probe.outputText.split { $0 == "," || $0 == "\n" }.compactMap { Double($0) }
            let facts = answer.facts
            #expect(facts.container == "mp4")
            #expect(abs(facts.durationSeconds - fields[0]) < 1e-5)
            #expect(abs(Double(facts.video.bitRate ?? 0) - fields[1]) <= fields[1] / 100)
            #expect(facts.video.codec == "h264")
            #expect(facts.video.profile == "High")
            #expect((facts.video.width, facts.video.height) == (640, 360))
            #expect(facts.video.frameRate == "30000/1001")
            #expect(facts.video.sampleAspectRatio == "4/3")
            #expect(facts.video.hdr == nil)
            #expect(facts.audio == AudioFacts(codec: "aac", channels: 2, sampleRate: 44100))
            #expect(answer.creationTime == Timestamp(parsing: "2024-05-06T07:08:09Z"))
            #expect(answer.thumbnails == nil)
            #expect(answer.warnings == [])
        }
    }

    @Test func `facts do not depend on whether thumbnails are asked for, nor on threads`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await RefusalTests.make([], file)
            let alone = try await examine(file)
            let request = ThumbnailRequest(offsetMilliseconds: 700)
            let one = try await examine(file, request)
            let four = try await examine(file, request, threads: 4)
            #expect(alone.facts == one.facts)
            #expect(one == four)
        }
    }

    @Test func `the descriptor's own offset stays where it is`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await RefusalTests.make([], file)
            let handle = try FileHandle(forReadingFrom: file)
            try handle.seek(toOffset: 17)
            _ = try MediaEngine().examine(descriptor: handle.fileDescriptor, request: MediaRequest())
            #expect(try handle.offset() == 17)
        }
    }

    @Test func `many files are looked at at once`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await RefusalTests.make([], file)
            let expected = try await examine(file, ThumbnailRequest(offsetMilliseconds: 500))
            try await withThrowingTaskGroup(of: MediaAnswer.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await examine(file, ThumbnailRequest(offsetMilliseconds: 500)) }
                }
                for try await answer in group { #expect(answer == expected) }
            }
        }
    }

    @Test func `a last frame shown long counts in full`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            // A frame each second, five in all; the last one lasts a second too. In times of packets, for the unit of a
            // plain number is not the same in all releases.
            try await RefusalTests.make(
                [
                    "-vf", "select='not(mod(n,5))',setpts=N/TB", "-fps_mode", "passthrough", "-bf", "0", "-bsf:v",
                    "setts=duration=if(N\\,PTS-PREV_INPTS\\,DURATION)",
                ], file)
            let answer = try await examine(file, ThumbnailRequest(offsetMilliseconds: 4500))
            #expect(answer.facts.durationSeconds == 5)
            #expect(answer.thumbnails?.frameTime == MediaTime(value: 4, timescale: 1))
            #expect(answer.thumbnails?.usedOffsetMilliseconds == 4500)
        }
    }

    @Test func `requests and answers survive JSON`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await RefusalTests.make([], file)
            let answer = try await examine(file, ThumbnailRequest())
            let request = MediaRequest(thumbnails: ThumbnailRequest(whenPastEnd: .fail, fit: .contain))
            #expect(try JSONDecoder().decode(MediaAnswer.self, from: JSONEncoder().encode(answer)) == answer)
            #expect(try JSONDecoder().decode(MediaRequest.self, from: JSONEncoder().encode(request)) == request)
        }
    }
}
