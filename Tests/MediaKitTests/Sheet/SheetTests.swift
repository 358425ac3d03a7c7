import ClipModel
import Foundation
import TestSupport
import Testing

@testable import MediaKit

/// Contact sheets and sprites of clips whose frames carry their numbers.
@Suite struct SheetTests {
    private func sheet(_ file: URL, _ request: SheetRequest, threads: Int = 1) async throws -> MediaAnswer {
        var all = MediaRequest(decoderThreads: threads)
        all.sheet = request
        return try await examine(file, all)
    }

    /// The numbers in the pictures of a sheet.
    private func numbers(_ sheet: RenderedSheet) throws -> [Int] {
        let luma = try Luma(jpeg: sheet.jpeg)
        try #require(luma.width == sheet.size.width && luma.height == sheet.size.height)
        return sheet.tiles.indices.map { place in
            let (x, y) = (place % sheet.columns * sheet.tile.width, place / sheet.columns * sheet.tile.height)
            return (0..<12).reduce(0) { number, bit in
                let column = Int(Double(sheet.tile.width) * (0.2 + 0.05 * (Double(bit) + 0.5)))
                let mean = luma.mean(x: x + column, y: y + sheet.tile.height / 2, radius: 2)
                return number << 1 | (mean > 128 ? 1 : 0)
            }
        }
    }

    @Test(arguments: NumberedClip.kinds)
    func `without exactness each keyframe is decoded and shown once`(clip: NumberedClip) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            let answer = try await sheet(file, SheetRequest(columns: 2, rows: 4))
            let sheet = try #require(answer.sheet)
            #expect(try numbers(sheet) == [0, 30, 60])
            #expect(
                sheet.tiles == [
                    .init(start: 0, end: 1125, frame: 0), .init(start: 1125, end: 1875, frame: 1000),
                    .init(start: 1875, end: 3000, frame: 2000),
                ])
            #expect(sheet.columns == 2 && sheet.rows == 2 && sheet.tile == PictureSize(width: 320, height: 180))
            // The first one is decoded for the facts, too.
            #expect(answer.decodedFrames == 4)
            #expect(answer.warnings.isEmpty)
        }
    }

    @Test(arguments: NumberedClip.kinds)
    func `with exactness each picture is the frame in the middle of its stretch`(clip: NumberedClip) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            for isSprite in [false, true] {
                let request = SheetRequest(columns: 4, rows: 2, isSprite: isSprite, isExact: true)
                let answer = try await sheet(file, request)
                let sheet = try #require(answer.sheet)
                // 187, 562, 937 ms, ... at 30 frames a second.
                #expect(try numbers(sheet) == [5, 16, 28, 39, 50, 61, 73, 84])
                #expect(sheet.tiles.map(\.start) == [0, 375, 750, 1125, 1500, 1875, 2250, 2625])
                #expect(sheet.tiles.map(\.frame) == [167, 534, 934, 1300, 1667, 2034, 2434, 2800])
                // It goes through the file once.
                #expect(answer.decodedFrames <= 91)
                #expect(try await self.sheet(file, request, threads: 3).sheet == sheet)
            }
        }
    }

    @Test func `a distance is kept where there is room, and stretched where there is not`() async throws {
        try await withTemporaryFolder { folder in
            let file = try await NumberedClip().make(in: folder)
            func starts(_ every: Int64, _ columns: Int, _ rows: Int) async throws -> [Int64] {
                let request = SheetRequest(
                    columns: columns, rows: rows, everyMilliseconds: every, isSprite: true, isExact: true)
                return try #require(try await sheet(file, request).sheet).tiles.map(\.start)
            }
            #expect(try await starts(1000, 10, 10) == [0, 1000, 2000])
            #expect(try await starts(1400, 10, 10) == [0, 1400, 2800])
            #expect(try await starts(3000, 10, 10) == [0])
            #expect(try await starts(86_400_000, 10, 10) == [0])
            #expect(try await starts(1000, 2, 1) == [0, 1500])
            // No more pictures than frames.
            #expect(try await starts(1, 20, 50).count == 90)
        }
    }

    @Test func `a picture that can't be decoded is told of`() async throws {
        try await withTemporaryFolder { folder in
            let file = try await NumberedClip().make(in: folder)
            var movie = try MovieBytes(file)
            let probe = try await run(
                "ffprobe",
                [
                    "-v", "error", "-select_streams", "v", "-show_entries", "packet=pos,size,flags", "-of", "csv=p=0",
                    file.path,
                ])
            let keyframes = probe.outputText.split(separator: "\n").filter { $0.contains("K") }.map {
                $0.split(separator: ",").compactMap { Int($0) }
            }
            let (size, position) = (keyframes[1][0], keyframes[1][1])
            movie.set([UInt8](repeating: 0, count: size / 2), at: position + size / 4)
            try movie.write(to: file)
            let answer = try await sheet(file, SheetRequest())
            #expect(
                answer.warnings == ["Damaged or not decodable: 1 of the sheet's 3 pictures."])
            #expect(answer.sheet?.tiles.count == 3)
        }
    }

    @Test func `turned recordings stand upright, as ffmpeg shows them`() async throws {
        let file = Places.samples.appending(path: "phone-portrait.mp4")
        let request = SheetRequest(columns: 1, rows: 1, isSprite: true, quality: 95)
        let sheet = try #require(try await sheet(file, request).sheet)
        #expect(sheet.tile == PictureSize(width: 51, height: 90))
        let seconds = Double(sheet.tiles[0].frame) / 1000
        let picture = try await ffmpeg([
            "-v", "error", "-ss", "\(seconds)", "-i", file.path, "-frames:v", "1", "-vf",
            "scale=51:90:flags=bicubic+accurate_rnd:out_range=full", "-pix_fmt", "gray", "-f", "rawvideo", "-",
        ])
        // JPEG has a quarter of the colours only, which shows in a picture as small as this.
        let shown = try Luma(jpeg: sheet.jpeg)
        try #require(picture.output.count == shown.bytes.count)
        let difference = zip(picture.output, shown.bytes).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(Double(difference) / Double(shown.bytes.count) < 4)
    }

    @Test func `plans cover the whole duration without gaps`() {
        for duration: Int64 in [1, 2, 999, 1000, 26_600, 1_800_000, .max / 2] {
            for every: Int64? in [nil, 1, 7, 1000, 600_000] {
                for (columns, rows) in [(1, 1), (4, 4), (10, 10), (20, 50)] {
                    let request = SheetRequest(columns: columns, rows: rows, everyMilliseconds: every)
                    let plan = SheetPlan(request, duration: duration, frames: 500)
                    #expect(plan.bounds.first == 0 && plan.bounds.last == duration)
                    #expect(zip(plan.bounds, plan.bounds.dropFirst()).allSatisfy { $0 < $1 })
                    #expect(plan.stretches.count <= min(columns * rows, 500))
                    let shape = plan.shape(of: plan.stretches.count)
                    #expect(shape.columns <= columns && shape.rows <= rows)
                }
            }
        }
    }
}
