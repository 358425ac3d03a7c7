import ClipModel
import FoundationEssentials
import SystemIO
import XboxServices

/// Keeps where the time of a run goes, and tells others what it is told.
final class RunRecorder: BatchObserver, RequestObserver {
    private let observer: any BatchObserver
    private let requestObserver: (any RequestObserver)?
    private let began = Timestamp(Date())
    private let origin = ContinuousClock.now
    private let state = Locked(State())

    fileprivate struct State {
        /// Where each clip is, and since when, in milliseconds from the beginning.
        var current: [String: (stage: ClipStage, from: Int64)] = [:]
        var stages: [String: [RunTimings.Stage]] = [:]
        var acknowledged: [String: Int64] = [:]
        var upload = RunTimings.Upload(intervalSeconds: 1, bytes: [])
        var requests = 0
        var retries = 0
    }

    init(_ observer: any BatchObserver, _ requestObserver: (any RequestObserver)?) {
        self.observer = observer
        self.requestObserver = requestObserver
    }

    private var now: Int64 {
        let elapsed = origin.duration(to: .now).components
        return elapsed.seconds * 1_000 + elapsed.attoseconds / 1_000_000_000_000_000
    }

    func observe(_ event: BatchEvent) {
        let now = now
        state.withLock { state in
            switch event {
            case .stage(let clip, let stage):
                guard state.current[clip]?.stage != stage else { break }
                state.leave(clip, at: now)
                state.current[clip] = (stage, now)
            case .progress(let clip, let acknowledged, _):
                // What the service had before this run began was not sent by it.
                if let before = state.acknowledged[clip] {
                    state.upload.add(max(0, acknowledged.bytes - before), at: now / 1_000)
                }
                state.acknowledged[clip] = acknowledged.bytes
            case .finished(let entry, _, _):
                state.leave(entry.clip, at: now)
                state.acknowledged[entry.clip] = nil
            case .planned, .sent, .warning, .notice: break
            }
        }
        observer.observe(event)
    }

    func attemptEnded(_ attempt: RequestAttempt) {
        state.withLock { state in
            state.requests += 1
            if attempt.number > 1 { state.retries += 1 }
        }
        requestObserver?.attemptEnded(attempt)
    }

    /// What is known up to now.
    func timings() -> RunTimings {
        let ended = Timestamp(seconds: began.seconds, ticks: began.ticks).advanced(byMilliseconds: now)
        return state.withLock { state in
            RunTimings(
                began: began, ended: ended, requests: state.requests, retries: state.retries, upload: state.upload,
                clips: state.stages.sorted { $0.key.comesBefore($1.key) }
                    .map { RunTimings.Clip(clip: $0.key, stages: $0.value) })
        }
    }
}

extension RunRecorder.State {
    fileprivate mutating func leave(_ clip: String, at now: Int64) {
        guard let (stage, from) = current.removeValue(forKey: clip) else { return }
        stages[clip, default: []].append(RunTimings.Stage(stage: stage.rawValue, from: from, to: now))
    }
}

extension RunTimings.Upload {
    /// More intervals than this are joined in pairs, so that a day takes no more room than an hour.
    private static let mostIntervals = 600

    mutating func add(_ count: Int64, at second: Int64) {
        while second / Int64(intervalSeconds) >= Int64(Self.mostIntervals) {
            intervalSeconds *= 2
            bytes = stride(from: 0, to: bytes.count, by: 2).map {
                bytes[$0] + ($0 + 1 < bytes.count ? bytes[$0 + 1] : 0)
            }
        }
        let index = Int(second / Int64(intervalSeconds))
        if index >= bytes.count { bytes += [Int64](repeating: 0, count: index + 1 - bytes.count) }
        bytes[index] += count
    }
}

extension Timestamp {
    fileprivate func advanced(byMilliseconds milliseconds: Int64) -> Timestamp {
        let ticks = Int64(ticks) + milliseconds % 1_000 * 10_000
        return Timestamp(
            seconds: seconds + milliseconds / 1_000 + ticks / 10_000_000, ticks: Int32(ticks % 10_000_000))
    }
}
