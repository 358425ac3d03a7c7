import ClipModel
import Journal
import SystemIO
import XboxServices

/// Carries out the actions of a `ClipSubmission` and reports what comes of them; decides nothing.
struct SubmissionDriver: Sendable {
    let client: GameClipsClient
    let target: ServiceTarget
    let journal: Journal
    let index: RemoteIndex
    let options: SubmitOptions
    let stop: StopSignal
    let observer: any BatchObserver
    let clock: any Clock<Duration>
    /// Time passed, by that clock.
    let stopwatch: Stopwatch
    /// The date, by which the age of others' uploads is measured.
    let date: @Sendable () -> Timestamp
    let lanes: Lanes
    /// Blocks in memory, of all clips together: as many as there are connections, shared out evenly among clips.
    let blocks: FairSemaphore<String>
    let buffers = BufferPool(size: Int(BlockPlan.largestBlock.bytes))

    /// Where clips wait for their turn, each lane as wide as `clipsInFlight`.
    struct Lanes: Sendable {
        private let lanes: [ClipSubmission.Queue: AsyncSemaphore]

        init(width: Int) {
            lanes = Dictionary(uniqueKeysWithValues: ClipSubmission.Queue.allCases.map { ($0, AsyncSemaphore(width)) })
        }

        subscript(queue: ClipSubmission.Queue) -> AsyncSemaphore? { lanes[queue] }
    }

    /// Takes a clip through its submission.
    ///
    /// - Parameter contents: Nil where nothing is sent.
    /// - Returns: What the journal knows of the clip then, whether the service was told of other options, and how it ended.
    func run(
        _ submission: ClipSubmission, _ record: ClipRecord?, _ contents: ClipContents?
    ) async -> (record: ClipRecord?, isUpdated: Bool, outcome: ClipSubmission.Outcome) {
        var submission = submission
        let clip = ClipTransfer(driver: self, order: submission.order, contents: contents, record: record)
        let outcome = await withTaskGroup(of: ClipSubmission.Event.self) { group in
            // Ends when the run is to end, or with the clip.
            group.addTask {
                await stop.wait()
                return .stop
            }
            var actions = submission.handle(.start(record), at: stopwatch.now)
            while true {
                for action in actions {
                    switch action {
                    case .finish(let outcome):
                        group.cancelAll()
                        return outcome
                    case .leave: clip.leave()
                    case .stage(let stage):
                        observer.observe(.stage(clip: submission.order.name, stage))
                        if stage == .uploading { clip.report(submission.record) }
                    case .say(let text): observer.observe(.warning(clip: submission.order.name, text))
                    case .trust(let trust): await index.note(trust, submission.order.scid)
                    case .enter, .open, .list, .inspect, .delete, .note, .request, .send, .update, .pause:
                        group.addTask { await clip.perform(action) }
                    }
                }
                guard let event = await group.next() else { return .failure(.interrupted) }
                actions = submission.handle(event, at: stopwatch.now)
                if case .sent = event { clip.report(submission.record) }
            }
        }
        return (submission.record, submission.hasUpdated, outcome)
    }
}
