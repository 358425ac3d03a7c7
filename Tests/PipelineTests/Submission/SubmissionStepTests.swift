import ClipModel
import Journal
import Testing

@testable import Pipeline

@Suite struct SubmissionStepTests {
    private func record(_ state: ClipRecord.State, _ change: (inout ClipRecord) -> Void = { _ in }) -> ClipRecord {
        var record = ClipRecord(key: "k", clip: "c", scid: "0-70", state: state)
        change(&record)
        return record
    }

    private func next(
        _ record: ClipRecord?, goal: SubmitOptions.Goal = .published, recreates: Bool = false
    ) -> SubmissionStep {
        var options = SubmitOptions()
        options.waitFor = goal
        options.recreates = recreates
        return SubmissionStep.next(after: record, blockCount: 3, options: options)
    }

    @Test func `an id is asked for only when nothing was asked before`() {
        #expect(next(nil) == .request)
        for state in ClipRecord.State.allCases {
            #expect(next(record(state)) != .request)
        }
    }

    @Test func `an intent whose answer is not known is reconciled`() {
        #expect(next(record(.intended)) == .reconcile)
        #expect(next(record(.requested)) == .reconcile)
    }

    @Test func `only what is not acknowledged goes up`() {
        let half = record(.requested) {
            $0.uploadUri = "/u"
            $0.acknowledgedBlocks = [1]
            $0.largeThumbnailUri = "/l"
            $0.smallThumbnailUri = "/s"
            $0.acknowledgedThumbnails = [.large]
        }
        #expect(next(half) == .upload(blocks: [0, 2], thumbnails: [.small]))
        let whole = record(.requested) {
            $0.uploadUri = "/u"
            $0.acknowledgedBlocks = [0, 1, 2]
        }
        #expect(next(whole) == .watch)
    }

    @Test func `a committed clip is watched only if somebody waits for it`() {
        #expect(next(record(.committed)) == .watch)
        #expect(next(record(.committed), goal: .uploaded) == .finished)
        #expect(next(record(.published)) == .finished)
    }

    @Test func `what the service refused is tried again only if that is asked for`() {
        #expect(next(record(.failed), recreates: true) == .startOver)
        #expect(next(record(.published), recreates: true) == .finished)
        #expect(next(record(.failed) { $0.reason = "not video" }) == .failed(reason: "not video"))
    }
}
