import ClipModel
import Testing

@testable import Pipeline

/// Which of the sources of a recording's start is taken.
@Suite struct RecordingDateTests {
    /// A recording of 100 s that began at 20:14:03 UTC.
    private static func answer(
        creationDate: String? = nil, creationTime: String? = nil, recorder: Recorder? = nil
    ) -> MediaAnswer {
        var facts = MediaFacts(
            container: "mp4", durationSeconds: 100,
            video: VideoFacts(codec: "h264", width: 1, height: 1, frameRate: "30/1"), audio: nil)
        facts.recorder = recorder
        var answer = MediaAnswer(facts: facts, creationTime: creationTime.flatMap { Timestamp(parsing: $0) })
        answer.creationDate = creationDate.flatMap { Timestamp(parsing: $0) }
        return answer
    }

    private static func date(
        sidecar: String? = nil, _ answer: MediaAnswer, name: String = "clip.mp4",
        modified: String = "2026-11-02T20:15:44Z"
    ) -> String {
        let date = RecordingDate(
            sidecar: sidecar.flatMap { Timestamp(parsing: $0) }, media: answer, name: name,
            modified: Timestamp(parsing: modified) ?? Timestamp(seconds: 0))
        return "\(date.time) \(date.source.rawValue)"
    }

    @Test func `the sidecar comes before all others`() {
        let answer = Self.answer(creationDate: "2026-11-02T21:14:03+01:00", creationTime: "2026-11-02T20:15:43Z")
        #expect(
            Self.date(sidecar: "2026-11-02T20:00:00Z", answer, name: "2026-11-02 21-14-03.mp4")
                == "2026-11-02T20:00:00Z sidecar")
    }

    @Test func `Apple's creation date is the start, its creation time the end or a later trim`() {
        let start = "2026-11-02T21:14:03+0100"
        let answer = Self.answer(creationDate: "2026-11-02T21:14:03+01:00", creationTime: "2026-11-02T20:19:44Z")
        #expect(Self.date(answer) == "2026-11-02T20:14:03Z creationDate", "\(start)")
        let old = Self.answer(creationTime: "2026-11-02T20:15:43Z", recorder: .apple)
        #expect(Self.date(old) == "2026-11-02T20:14:03Z container")
    }

    @Test(arguments: [Recorder.obs, .xboxGameBar, .bandicam, .shadowPlay, .android, nil])
    func `others write the start as the creation time`(recorder: Recorder?) {
        let answer = Self.answer(creationTime: "2026-11-02T20:14:03Z", recorder: recorder)
        #expect(Self.date(answer) == "2026-11-02T20:14:03Z container")
    }

    @Test(arguments: [
        ("2026-11-02 21-14-03.mp4", "obs"), ("Replay 2026-11-02 21-14-03.mp4", "obs"),
        ("Game 2026.11.02 - 21.14.03.02.DVR.mp4", "shadowPlay"),
        ("Halo: Part 2 2026.11.02 - 21.14.03.17.mp4", "shadowPlay"),
        ("bandicam 2026-11-02 21-14-03-123.mp4", "bandicam"),
        ("Forza Horizon 5 2026-11-02 21-14-03.mp4", "xboxGameBar"),
        ("Screen_Recording_20261102-211403_Game.mp4", "android"), ("VID_20261102_211403.mp4", "android"),
    ])
    func `a name tells the local time, and another time its zone`(name: String, recorder: String) {
        #expect(RecordedName(name).flatMap(\.recorder).map { "\($0)" } == recorder)
        // By the file's last change, which is the end, and by creation times of the start and the end.
        for answer in [
            Self.answer(), Self.answer(creationTime: "2026-11-02T20:14:05Z"),
            Self.answer(creationTime: "2026-11-02T20:15:41Z"),
        ] {
            #expect(Self.date(answer, name: name) == "2026-11-02T20:14:03Z name")
        }
        let india = Self.date(Self.answer(creationTime: "2026-11-02T15:44:03Z"), name: name)
        #expect(india == "2026-11-02T15:44:03Z name")
    }

    @Test(arguments: [
        "clip.mp4", "2026-13-02 21-14-03.mp4", "2026-11-02 25-14-03.mp4", "2026-11-02.mp4", "Replay.mp4", ".mp4", "",
        "12026-11-02 21-14-03x.mp4", "bandicam 2026-11-02 21-14-03-12.mp4",
    ])
    func `other names tell nothing`(name: String) {
        #expect(Self.date(Self.answer(), name: name) == "2026-11-02T20:14:04Z file")
        let answer = Self.answer(creationTime: "2026-11-02T20:14:03Z")
        #expect(Self.date(answer, name: name) == "2026-11-02T20:14:03Z container")
    }

    @Test func `a name whose zone nothing tells is not taken`() {
        let copied = Self.date(Self.answer(), name: "2026-11-02 21-14-03.mp4", modified: "2026-11-20T08:07:00Z")
        #expect(copied == "2026-11-20T08:05:20Z file")
        let answer = Self.answer(creationTime: "2026-11-05T20:14:03Z")
        #expect(
            Self.date(answer, name: "2026-11-02 21-14-03.mp4", modified: "2026-11-20T08:07:00Z")
                == "2026-11-05T20:14:03Z container")
    }
}
