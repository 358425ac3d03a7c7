import Foundation
import MediaWorker
import TestSupport
import Testing

@testable import LocalService

/// The service as it is used: every clip is really decoded.
@Suite(.serialized) struct MediaInspectorTests {
    private static let media = MediaWorkerPool(width: 2, forkServer: ForkServer()) { _ in }

    /// Two seconds of red, then two of blue, with sound.
    private func redThenBlue(in folder: URL) async throws -> Data {
        let file = folder.appending(path: "colours.mp4")
        let colour = { (name: String) in "color=\(name):size=640x360:rate=30:duration=2" }
        try await ffmpeg(
            ["-f", "lavfi", "-i", colour("red"), "-f", "lavfi", "-i", colour("blue")]
                + ["-f", "lavfi", "-i", "sine=duration=4", "-filter_complex", "[0][1]concat"]
                + ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "200", "-c:a", "aac", file.path])
        return try Data(contentsOf: file)
    }

    private func ffmpeg(_ arguments: [String]) async throws {
        let result = try await run("ffmpeg", ["-v", "error", "-y"] + arguments)
        guard result.status == 0 else { throw CurlFailure(status: result.status, text: result.errorText) }
    }

    /// The size of a picture, and the colour in its middle.
    private func look(at picture: Data, _ folder: URL) async throws -> (size: String, red: Int, blue: Int) {
        let file = folder.appending(path: "picture.jpg")
        try picture.write(to: file)
        let size = try await run(
            "ffprobe",
            ["-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0:s=x", file.path]
        ).outputText.trimmingCharacters(in: .whitespacesAndNewlines)
        let pixel = try await run(
            "ffmpeg",
            ["-v", "error", "-i", file.path, "-vf", "scale=1:1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
        ).output
        return (size, Int(pixel.first ?? 0), Int(pixel.last ?? 0))
    }

    @Test(arguments: [("Default", nil as Int?, "blue"), ("Offset", 1_900, "red"), ("Offset", 2_100, "blue")])
    func `the service's thumbnails show the frame at 3 s or at the offset, in the right sizes`(
        source: String, offset: Int?, colour: String
    ) async throws {
        try await Harness.run(inspector: MediaInspector(media: Self.media)) { harness in
            let video = try await redThenBlue(in: harness.folder)
            var change: [String: Any] = ["thumbnailSource": source]
            change["thumbnailOffsetMillseconds"] = offset
            let clip = try await harness.upload(video, blockSize: 5_000, change)
            let published = try await harness.wait(for: "Published", of: clip.id)
            #expect(try await harness.download(published).body == video)
            for (type, size) in [("Large", "856x424"), ("Small", "424x208")] {
                let fetched = try await curl([
                    "-g", harness.thumbnail(type, of: published)["uri"] as? String ?? "",
                ])
                let seen = try await look(at: fetched.body, harness.folder)
                #expect(seen.size == size)
                #expect(colour == "red" ? seen.red > 200 && seen.blue < 60 : seen.blue > 200 && seen.red < 60)
            }
        }
    }

    @Test func `an offset past the end shows the last frame`() async throws {
        try await Harness.run(inspector: MediaInspector(media: Self.media)) { harness in
            let video = try await redThenBlue(in: harness.folder)
            let change: [String: Any] = ["thumbnailSource": "Offset", "thumbnailOffsetMillseconds": 60_000]
            let clip = try await harness.upload(video, blockSize: 100_000, change)
            let published = try await harness.wait(for: "Published", of: clip.id)
            let fetched = try await curl([
                "-g", harness.thumbnail("Large", of: published)["uri"] as? String ?? "",
            ])
            #expect(try await look(at: fetched.body, harness.folder).blue > 200)
        }
    }

    @Test
    func `text, sound alone and a clip that was cut off end in Error, also when thumbnails are uploaded`()
        async throws
    {
        try await Harness.run(inspector: MediaInspector(media: Self.media)) { harness in
            let video = try await redThenBlue(in: harness.folder)
            let sound = harness.folder.appending(path: "sound.mp4")
            try await ffmpeg(["-f", "lavfi", "-i", "sine=duration=2", "-c:a", "aac", sound.path])
            for data in [
                Data("this is no video\n".utf8), try Data(contentsOf: sound),
                Data(video.prefix(video.count / 2)),
                Samples.bytes(100_000),
            ] {
                let clip = try await harness.upload(data, blockSize: 1_000_000)
                let rejected = try await harness.wait(for: "Error", of: clip.id)
                #expect((rejected["thumbnails"] as? [Any])?.isEmpty == true)
                #expect(harness.events.reason(of: clip.id)?.isEmpty == false)
            }
            let large = try await Samples.jpeg(width: 856, height: 424, in: harness.folder)
            let small = try await Samples.jpeg(width: 424, height: 208, in: harness.folder)
            let clip = try await harness.upload(
                Data("text".utf8), blockSize: 10, ["thumbnailSource": "Upload"])
            expect(try await harness.put(large, to: try #require(clip.large)), is: 201)
            expect(try await harness.put(small, to: try #require(clip.small)), is: 201)
            _ = try await harness.wait(for: "Error", of: clip.id)
        }
    }

    @Test func `the committed samples are published and come back to the byte`() async throws {
        try await Harness.run(inspector: MediaInspector(media: Self.media)) { harness in
            let files = try FileManager.default.contentsOfDirectory(
                at: Places.samples, includingPropertiesForKeys: nil)
            for file in files where file.pathExtension == "mp4" {
                let data = try Data(contentsOf: file)
                let clip = try await harness.upload(data, blockSize: 2_000_000)
                let published = try await harness.wait(for: "Published", of: clip.id)
                let fetched = try await harness.download(published)
                #expect(fetched.body == data, "\(file.lastPathComponent)")
            }
        }
    }
}
