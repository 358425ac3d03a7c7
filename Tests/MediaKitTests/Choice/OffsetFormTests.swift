import ClipModel
import Foundation
import TestSupport
import Testing

/// Offsets that are no milliseconds, and what is done about blank frames; frames carry their numbers.
@Suite struct OffsetFormTests {
    private func number(_ file: URL, _ request: ThumbnailRequest) async throws -> (Int, MediaAnswer) {
        let answer = try await examine(file, request)
        return (try frameNumber(inJPEG: try #require(answer.thumbnails).large), answer)
    }

    @Test func `a part of the duration names the frame that is on show then`() async throws {
        try await withTemporaryFolder { folder in
            let file = try await NumberedClip().make(in: folder)
            for (percent, frame) in [(0, 0), (1, 0), (50, 45), (99, 89), (100, 89)] {
                let request = ThumbnailRequest(offset: .percent(percent), whenPastEnd: .fail)
                let (number, answer) = try await number(file, request)
                #expect(number == frame, "\(percent)%")
                #expect(answer.thumbnails?.reason == "It is on show at \(percent)% of the duration.")
                // The same frame by its number.
                let again = ThumbnailRequest(
                    offsetMilliseconds: try #require(answer.thumbnails).usedOffsetMilliseconds, whenPastEnd: .fail)
                #expect(try await self.number(file, again).0 == frame)
            }
        }
    }

    /// With an edit list, and with chapters that begin between two frames.
    @Test(arguments: [true, false])
    func `a chapter names the frame that is on show when it begins`(hasEditList: Bool) async throws {
        try await withTemporaryFolder { folder in
            let file = try await chaptered(in: folder, hasEditList: hasEditList)
            for (title, frame) in [(nil, 31), ("boss", 31), ("Ende", 75), ("START", 0)] {
                let (number, answer) = try await number(file, ThumbnailRequest(offset: .chapter(title)))
                #expect(number == frame, "\(title ?? "-")")
                #expect(answer.thumbnails?.reason == "The chapter\(title.map { " \"\($0)\"" } ?? "") begins there.")
                #expect(answer.warnings.isEmpty)
            }
        }
    }

    @Test func `a clip without the chapter has a picture that was chosen, and a warning`() async throws {
        try await withTemporaryFolder { folder in
            let file = try await chaptered(in: folder, hasEditList: true)
            let other = try await examine(file, ThumbnailRequest(offset: .chapter("Boos")))
            #expect(
                other.warnings == [
                    "There is no chapter \"Boos\". The thumbnail is chosen by what its picture shows."
                ])
            #expect(other.thumbnails?.reason?.hasPrefix("There is no chapter \"Boos\". It is ") == true)
            let plain = try await NumberedClip().make(in: folder, name: "plain.mp4")
            #expect(
                try await examine(plain, ThumbnailRequest(offset: .chapter(nil))).warnings == [
                    "There is no chapter. The thumbnail is chosen by what its picture shows."
                ])
        }
    }

    private func chaptered(in folder: URL, hasEditList: Bool) async throws -> URL {
        let plain = try await NumberedClip(hasEditList: hasEditList).make(in: folder)
        let chapters = [(0, 1043, "Start"), (1043, 2500, "Boss"), (2500, 3000, "Ende")].map {
            "[CHAPTER]\nTIMEBASE=1/1000\nSTART=\($0.0)\nEND=\($0.1)\ntitle=\($0.2)\n"
        }
        let (list, file) = (folder.appending(path: "chapters.txt"), folder.appending(path: "chapters.mp4"))
        try Data((";FFMETADATA1\n" + chapters.joined()).utf8).write(to: list)
        try await ffmpeg(
            ["-v", "error", "-i", plain.path, "-i", list.path, "-map_metadata", "1", "-c", "copy"]
                + (hasEditList ? [] : ["-use_editlist", "0"]) + [file.path])
        return file
    }

    // MARK: Blank frames

    @Test func `a black frame is passed over for the next one that is not, and only if that is asked for`() async throws
    {
        try await withTemporaryFolder { folder in
            let clip = AwkwardClip(
                "black from 2 to 4 s", "drawbox=t=fill:color=black:enable='between(t,2,3.99)'", unwanted: [2...3.95])
            let file = try await clip.make(in: folder)
            var request = ThumbnailRequest(offset: .milliseconds(2500))
            let kept = try #require(try await examine(file, request).thumbnails)
            #expect(kept.frameTime.seconds < 2.51 && kept.reason == nil && kept.usedOffsetMilliseconds == 2500)
            request.skipsBlank = true
            let next = try #require(try await examine(file, request).thumbnails)
            #expect(next.frameTime == MediaTime(value: 4, timescale: 1) && next.usedOffsetMilliseconds == 4000)
            #expect(next.reason == "The picture at 2500 ms is black; this is the next that is not.")
            #expect(next.candidates.map(\.condition) == [.black, .good])
            // One that is not black is shown.
            request.offset = .milliseconds(1500)
            let shown = try #require(try await examine(file, request).thumbnails)
            #expect(shown.usedOffsetMilliseconds == 1500 && shown.reason == nil && shown.candidates.isEmpty)
            request.offset = .percent(30)
            #expect(try await examine(file, request).thumbnails?.usedOffsetMilliseconds == 4000)
        }
    }

    @Test func `behind the last keyframe the next frame that is not black is looked for, too`() async throws {
        try await withTemporaryFolder { folder in
            let clip = AwkwardClip(
                "one keyframe", "drawbox=t=fill:color=black:enable='lt(t,5)'", unwanted: [], interval: 1000)
            let file = try await clip.make(in: folder)
            let request = ThumbnailRequest(offset: .milliseconds(1000), skipsBlank: true)
            let answer = try await examine(file, request)
            let time = try #require(answer.thumbnails).frameTime.seconds
            #expect(time >= 4.99 && time < 5.5)
            #expect(answer.warnings.isEmpty)
        }
    }

    @Test func `a black frame that none follows is shown with a warning`() async throws {
        try await withTemporaryFolder { folder in
            let clip = AwkwardClip("black end", "drawbox=t=fill:color=black:enable='gt(t,6)'", unwanted: [])
            let file = try await clip.make(in: folder)
            let answer = try await examine(
                file, ThumbnailRequest(offset: .milliseconds(8000), skipsBlank: true))
            #expect(answer.thumbnails?.usedOffsetMilliseconds == 8000)
            #expect(
                answer.warnings == [
                    "The picture at 8000 ms is black, and none that is not was found after it; it is shown all the same."
                ])
        }
    }

    @Test func `texts of offsets are read as they are written`() {
        for text in [
            "0", "3000", "2147483647", "auto", "chapter", "chapter:Boss", "chapter:a: b%", "0%", "50%", "100%",
        ] {
            #expect(ThumbnailOffset(parsing: text)?.description == text)
        }
        for text in ["", "-1", "2147483648", "Auto", "chapter:", "101%", "%", "5 %", "1.5", "3s", " auto"] {
            #expect(ThumbnailOffset(parsing: text) == nil, "\(text)")
        }
    }
}
