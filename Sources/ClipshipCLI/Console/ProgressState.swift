import ClipModel
import Pipeline

/// What a progress display knows of a run. A value: what it draws is a function of what it was told.
struct ProgressState {
    private struct Active {
        var clip: String
        var stage: ClipStage
        var acknowledged = ByteCount(0)
        var size: ByteCount?
        var firstBytes: (at: ContinuousClock.Instant, acknowledged: ByteCount)?

        /// Bytes a second since the upload began, up to now: it falls while nothing is acknowledged.
        func rate(at now: ContinuousClock.Instant) -> ByteCount? {
            guard let firstBytes else { return nil }
            let bytes = Double(acknowledged.bytes - firstBytes.acknowledged.bytes)
            let seconds = firstBytes.at.duration(to: now) / .seconds(1)
            return bytes > 0 && seconds > 0 ? ByteCount(Int64(bytes / seconds)) : nil
        }
    }

    private let clipCount: Int
    private var active: [Active] = []
    private var ended: [BatchReport.State: Int] = [:]
    private var acknowledged: Int64 = 0

    init(clipCount: Int) {
        self.clipCount = clipCount
    }

    mutating func apply(_ event: BatchEvent, at now: ContinuousClock.Instant) {
        switch event {
        case .stage(let clip, let stage):
            if let index = active.firstIndex(where: { $0.clip == clip }) {
                active[index].stage = stage
            } else {
                active.append(Active(clip: clip, stage: stage))
            }
        case .progress(let clip, let bytes, let size):
            guard let index = active.firstIndex(where: { $0.clip == clip }) else { return }
            active[index].size = size
            if active[index].firstBytes != nil {
                acknowledged += bytes.bytes - active[index].acknowledged.bytes
            } else {
                active[index].firstBytes = (now, bytes)
            }
            active[index].acknowledged = bytes
        case .finished(let entry, _):
            active.removeAll { $0.clip == entry.clip }
            ended[entry.state, default: 0] += 1
        case .warning, .notice:
            break
        }
    }

    /// At most eight clips and a line for all of them, each cut to `columns`.
    func lines(columns: Int, at now: ContinuousClock.Instant) -> [String] {
        let busy = active.filter { $0.stage != .waiting }
        let width = min(30, busy.prefix(8).map(\.clip.count).max() ?? 0)
        var lines = busy.prefix(8).map { line(for: $0, nameWidth: width, at: now) }
        if busy.count > 8 { lines.append("  and \(busy.count - 8) more") }
        lines.append(summary)
        return lines.map { String($0.prefix(max(10, columns - 1))) }
    }

    private func line(for clip: Active, nameWidth: Int, at now: ContinuousClock.Instant) -> String {
        let name = clip.clip.prefix(nameWidth)
        let padded = name + String(repeating: " ", count: nameWidth - name.count)
        guard clip.stage == .uploading, let size = clip.size, size.bytes > 0 else {
            return "  \(padded)  \(clip.stage.rawValue)"
        }
        let percent = clip.acknowledged.bytes * 100 / size.bytes
        let rate = clip.rate(at: now).map { ", \($0)/s" } ?? ""
        return "  \(padded)  uploading \(percent) % (\(clip.acknowledged) of \(size)\(rate))"
    }

    private var summary: String {
        let done = ended.values.reduce(0, +)
        let failed = ended[.failed, default: 0]
        let failures = failed > 0 ? ", \(failed) failed" : ""
        return "\(done) of \(clipCount) clips done\(failures); \(ByteCount(acknowledged)) acknowledged"
    }
}
