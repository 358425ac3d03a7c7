import ClipModel
import Pipeline
import Support
import SystemIO

/// What a progress display knows of a run. A value: what it draws is a function of what it was told.
struct ProgressState {
    struct Active {
        var clip: String
        var stage: ClipStage
        var sent = ByteCount(0)
        var acknowledged = ByteCount(0)
        /// Nil until something of it goes up.
        var size: ByteCount?
        var meter = RateMeter()
    }

    private let clipCount: Int
    private let began: ContinuousClock.Instant
    private var active: [Active] = []
    private var failed = 0
    private var done = 0
    /// Sizes of the clips that are to be submitted and that have not ended.
    private var planned: [String: ByteCount] = [:]
    private var plannedBytes: Int64 = 0
    private var endedBytes: Int64 = 0
    private var acknowledgedBytes: Int64 = 0
    private var meter = RateMeter()

    init(clipCount: Int, at now: ContinuousClock.Instant) {
        self.clipCount = clipCount
        began = now
    }

    mutating func apply(_ event: BatchEvent, at now: ContinuousClock.Instant) {
        switch event {
        case .planned(let sizes, let areSubmitted):
            guard areSubmitted else { return }
            planned = sizes
            plannedBytes = sizes.values.reduce(0) { $0 + $1.bytes }
        case .stage(let clip, let stage):
            if let index = index(of: clip) {
                active[index].stage = stage
            } else {
                active.append(Active(clip: clip, stage: stage))
            }
        case .sent(let clip, let bytes):
            guard let index = index(of: clip) else { return }
            let more = bytes.bytes - active[index].sent.bytes
            active[index].sent = bytes
            // What the service had before, and what is sent again, does not move the line.
            guard more > 0, active[index].size != nil else { return }
            active[index].meter.add(more, at: now)
            meter.add(more, at: now)
        case .progress(let clip, let bytes, let size):
            guard let index = index(of: clip) else { return }
            if active[index].size != nil { acknowledgedBytes += max(0, bytes.bytes - active[index].acknowledged.bytes) }
            active[index].size = size
            active[index].meter.start(at: now)
            meter.start(at: now)
            active[index].acknowledged = bytes
        case .finished(let entry, _, let isUnchanged):
            if let index = index(of: entry.clip) { active.remove(at: index) }
            if let size = planned.removeValue(forKey: entry.clip) {
                if isUnchanged { plannedBytes -= size.bytes } else { endedBytes += size.bytes }
            }
            if entry.state == .failed { failed += 1 } else { done += 1 }
        case .warning, .notice:
            break
        }
    }

    private func index(of clip: String) -> Int? { active.firstIndex { $0.clip == clip } }

    /// The run as a whole.
    func overview(at now: ContinuousClock.Instant) -> ProgressOverview {
        let sent = active.reduce(endedBytes) { $0 + ($1.size == nil ? 0 : $1.sent.bytes) }
        return ProgressOverview(
            clips: clipCount, done: done, failed: failed, bytes: ByteCount(plannedBytes),
            sent: ByteCount(min(sent, plannedBytes)), acknowledged: ByteCount(acknowledgedBytes),
            rate: meter.rate(at: now), elapsed: began.duration(to: now))
    }

    /// At most eight clips and a line for all of them, none wider than the terminal, nor more than it has lines.
    func lines(on terminal: Terminal.Size, _ colour: Colour, at now: ContinuousClock.Instant) -> [String] {
        let columns = max(1, terminal.columns - 1)
        let busy = active.filter { $0.stage != .waiting }
        let room = max(0, min(8, terminal.lines - 3))
        let shown = busy.prefix(room)
        let longest = shown.lazy.map { DisplayWidth.of(TerminalText.onOneLine($0.clip)) }.max() ?? 0
        let width = min(longest, max(6, min(40, columns / 3)))
        var lines = shown.map { $0.line(nameWidth: width, columns: columns, colour, at: now) }
        if busy.count > room, room > 0 { lines.append(DisplayWidth.prefix("  and \(busy.count - room) more", columns)) }
        lines.append(overview(at: now).line(columns: columns, colour))
        return lines
    }
}

extension ProgressState.Active {
    /// The bar moves with what has left, the count says what the service has.
    fileprivate func line(
        nameWidth: Int, columns: Int, _ colour: Colour, at now: ContinuousClock.Instant
    ) -> String {
        let name = DisplayWidth.padded(
            DisplayWidth.shortened(TerminalText.onOneLine(clip), to: nameWidth), to: nameWidth)
        guard stage == .uploading, let size, size.bytes > 0 else {
            return DisplayWidth.prefix("  \(name)  \(stage.rawValue)", columns)
        }
        let percent = Int(min(100, max(0, sent.bytes * 100 / size.bytes)))
        let digits = String(percent)
        let share = String(repeating: " ", count: 3 - digits.count) + digits + " %"
        let amount = "\(acknowledged) of \(size)"
        let isAllSent = sent >= size && acknowledged < size
        let last = isAllSent ? "waiting for the service" : meter.rate(at: now).map { "\($0)/s" }
        let layouts: [[String?]] = [
            [Self.bar(percent, 20), share, "\(amount) acknowledged", last],
            [Self.bar(percent, 20), share, amount, last],
            [Self.bar(percent, 10), share, amount, last],
            [share, amount, last], isAllSent ? [share, last] : [share, amount], [share, isAllSent ? "waiting" : nil],
            [share],
        ]
        for layout in layouts {
            let line = (["  \(name)"] + layout.compactMap(\.self)).joined(separator: "  ")
            if DisplayWidth.of(line) <= columns { return line }
        }
        return DisplayWidth.prefix("\(share) \(name)", columns)
    }

    private static func bar(_ percent: Int, _ width: Int) -> String {
        let filled = percent * width / 100
        return "[\(String(repeating: "#", count: filled))\(String(repeating: ".", count: width - filled))]"
    }
}
