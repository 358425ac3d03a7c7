import Foundation
import TestSupport
import Testing

/// What is known of a sample without looking at it: see samples/README.md.
private struct Sample {
    var name: String
    /// The number that the frame at the requested offset shows.
    var frame: Int
    /// The picture's width in squares.
    var units = 32.0

    static let all = [
        Sample(name: "boss-fight", frame: 1200),
        Sample(name: "hallway-720p", frame: 299),
        Sample(name: "instant-replay", frame: 41),
        Sample(name: "lobby-vfr", frame: 358),
        Sample(name: "phone-portrait", frame: 179, units: 18),
        Sample(name: "sunset-hdr10", frame: 75),
    ]
}

/// Points 1 and 2 of the main job.
@Suite(.fewAtOnce) struct PublishingTests {
    /// Most samples are shorter.
    private static let late = "{source: Offset, offset: 20000}"

    @Test func `one command publishes every sample, and what the service gives back is the sample`() async throws {
        try await Workbench.with(Sample.all.map(\.name)) { bench in
            try bench.writePipeline(thumbnails: Self.late)
            let result = try await bench.run()
            expect(result, exits: 0)
            let output = bench.output
            let batch = try output.batch
            #expect(batch.clips.map(\.clip) == Sample.all.map(\.name))
            #expect(batch.totals == ["published": 6, "uploaded": 0, "ready": 0, "skipped": 0, "failed": 0])
            #expect(result.outputLines.first?.split(separator: " ").first == "CLIP")
            for clip in batch.clips {
                #expect(clip.state == "published")
                #expect(result.table[clip.clip]?.suffix(2) == ["published", clip.gameClipId ?? ""])
            }
            #expect(result.table["boss-fight"]?.dropLast() == ["boss-fight", "27.03 s", "7.1 MB", "4", "published"])
            let last = try #require(result.errorLines.last)
            #expect(
                last.wholeMatch(of: /6 published; 12\.2 MB sent in \d+:\d\d, .* [kM]B\/s; output in out/) != nil,
                "\(last)")
            #expect(try await output.schemaMistakes() == [])
            try await check(output, batch, in: bench.folder)
        }
    }

    /// Fetches everything with `curl` and compares it with the samples.
    private func check(_ output: Output, _ batch: Batch, in folder: URL) async throws {
        try await Service.with(output.localService) { service in
            var pictures: [URL] = []
            for sample in Sample.all {
                let remote = try await service.clip(try #require(batch[sample.name]?.gameClipId))
                #expect(remote.state == "Published")
                let video = try await service.curl(try #require(remote.gameClipUris?.first).uri)
                #expect(
                    try video == Data(contentsOf: Places.samples.appending(path: "\(sample.name).mp4")), "\(sample)")
                for (size, type) in [("large", "Large"), ("small", "Small")] {
                    let fetched = folder.appending(path: "\(sample.name).\(size).jpg")
                    try await service.curl(try #require(remote.thumbnail(type))).write(to: fetched)
                    pictures += [output.thumbnail(sample.name, size), fetched]
                }
            }
            let decoded = try await GreyPicture.decode(pictures, in: folder)
            for (index, sample) in Sample.all.enumerated() {
                let ours = decoded[index * 4..<index * 4 + 4]
                #expect(ours.map(\.size) == ["856x424", "856x424", "424x208", "424x208"], "\(sample)")
                #expect(
                    ours.map { $0.frameNumber(units: sample.units) } == Array(repeating: sample.frame, count: 4),
                    "\(sample)")
            }
        }
    }

    @Test func `the manifest names the offset of the frame that the thumbnails show`() async throws {
        try await Workbench.with(["instant-replay", "hallway-720p"]) { bench in
            try bench.writePipeline(thumbnails: Self.late)
            expect(try await bench.run("--no-submit"), exits: 0)
            for (clip, last) in [("instant-replay", 683.333), ("hallway-720p", 9966.667)] {
                let manifest = try #require(
                    try JSONSerialization.jsonObject(with: Data(contentsOf: bench.output.manifest(clip)))
                        as? [String: Any])
                let request = try #require(manifest["request"] as? [String: Any])
                let thumbnails = try #require(manifest["thumbnails"] as? [String: Any])
                #expect(thumbnails["requestedMilliseconds"] as? Int == 20_000)
                #expect(thumbnails["frameMilliseconds"] as? Double == last)
                let offset = try #require(request["thumbnailOffsetMillseconds"] as? Int)
                // Whole milliseconds, within the time that the frame is shown.
                #expect((last..<last + 1000.0 / 60).contains(Double(offset)), "\(offset)")
            }
        }
    }
}
