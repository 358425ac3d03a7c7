import ClipModel
import SystemIO

/// Keeps when each clip was in which stage of a run, and how many bytes were acknowledged by when, and passes on what
/// happens.
final class RunTimes: BatchObserver {
    private struct Span {
        var clip: String
        var stage: ClipStage
        var begin: Double
        var end: Double?
    }

    private struct State {
        var spans: [Span] = []
        /// Of each clip the one that is open.
        var open: [String: Int] = [:]
        var acknowledged: [String: Int64] = [:]
        /// Seconds, and the sum of all clips by then.
        var sums: [(time: Double, bytes: Int64)] = []
    }

    private let next: any BatchObserver
    private let start = ContinuousClock.now
    private let state = Locked(State())

    init(_ next: any BatchObserver) {
        self.next = next
    }

    func observe(_ event: BatchEvent) {
        note(event)
        next.observe(event)
    }

    private func note(_ event: BatchEvent) {
        let now = start.duration(to: .now) / .seconds(1)
        state.withLock { state in
            switch event {
            case .stage(let clip, let stage):
                if let open = state.open[clip] {
                    // The state is asked for again and again.
                    guard state.spans[open].stage != stage else { return }
                    state.spans[open].end = now
                }
                state.open[clip] = state.spans.count
                state.spans.append(Span(clip: clip, stage: stage, begin: now))
            case .progress(let clip, let acknowledged, _):
                state.acknowledged[clip] = acknowledged.bytes
                state.sums.append((now, state.acknowledged.values.reduce(0, +)))
            case .finished(let entry, _):
                if let open = state.open.removeValue(forKey: entry.clip) { state.spans[open].end = now }
            case .warning, .notice: break
            }
        }
    }

    /// What a report shows of that; empty where nothing took any time.
    var html: HTML {
        let total = max(start.duration(to: .now) / .seconds(1), 0.001)
        return state.withLock { state in
            guard !state.spans.isEmpty else { return "" }
            let elapsed = "This run took \(Self.seconds(total))"
            let sent = state.sums.last.map { ", and the service acknowledged \(ByteCount($0.bytes)) in it" } ?? ""
            return """
                <h2>Where the time went</h2>
                <p>\(elapsed + sent).</p>
                <div class="plots">\(Self.timeline(state.spans, total))\(Self.rate(state.sums, total))</div>

                """
        }
    }

    private static let stages: [ClipStage] = [
        .measuring, .writing, .waiting, .reconciling, .requesting, .uploading, .processing,
    ]
    /// Those that took longest, where there are more.
    private static let mostRows = 60
    private static let (left, width, row) = (170.0, 900.0, 16)

    private static func timeline(_ spans: [Span], _ total: Double) -> HTML {
        let byClip = Dictionary(grouping: spans, by: \.clip)
        let lasting = byClip.mapValues { spans in
            (spans.map { $0.end ?? total }.max() ?? 0) - (spans.map(\.begin).min() ?? 0)
        }
        let longest = lasting.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(mostRows).map(\.key)
        let clips = longest.sorted { (byClip[$0]?.first?.begin ?? 0, $0) < (byClip[$1]?.first?.begin ?? 0, $1) }
        let height = clips.count * row + 40
        var parts: [HTML] = []
        for (index, stage) in stages.enumerated() {
            let x = index * 120
            parts.append("<rect class=\"s\(index)\" x=\"\(x)\" y=\"2\" width=\"10\" height=\"10\" rx=\"2\"/>")
            parts.append("<text x=\"\(x + 15)\" y=\"11\">\(stage.rawValue)</text>")
        }
        let scale = (width - left) / total
        for (index, clip) in clips.enumerated() {
            let y = index * row + 22
            let name = clip.count > 26 ? "\(clip.prefix(25))…" : clip
            parts.append("<text x=\"\(Int(left) - 6)\" y=\"\(y + 10)\" text-anchor=\"end\">\(name)</text>")
            for span in byClip[clip] ?? [] {
                let end = span.end ?? total
                let (x, size) = (tenths(left + span.begin * scale), tenths(max(0.8, (end - span.begin) * scale)))
                parts.append(
                    """
                    <rect class="s\(stages.firstIndex(of: span.stage) ?? 0)" x="\(x)" y="\(y)" width="\(size)" \
                    height="\(row - 4)"><title>\(clip): \(span.stage.rawValue), \(seconds(end - span.begin))</title></rect>
                    """)
            }
        }
        parts.append("<text x=\"\(Int(left))\" y=\"\(height - 4)\">0 s</text>")
        parts.append("<text x=\"\(Int(width))\" y=\"\(height - 4)\" text-anchor=\"end\">\(seconds(total))</text>")
        let title = clips.count < byClip.count ? "The \(clips.count) clips that took longest" : "Clips by stage"
        return """
            <div class="plot wide" role="region" tabindex="0" aria-label="\(title)"><h3>\(title)</h3><svg viewBox="0 0 \(Int(width)) \(height)" role="img" \
            aria-label="When each clip was in which stage of a run of \(seconds(total))">\(parts)</svg></div>

            """
    }

    /// Bytes a second, in sixty parts of the run.
    private static func rate(_ sums: [(time: Double, bytes: Int64)], _ total: Double) -> HTML {
        guard sums.count > 1 else { return "" }
        let parts = 60
        var bytes = [Double](repeating: 0, count: parts)
        var last: Int64 = 0
        for (time, sum) in sums {
            bytes[min(parts - 1, Int(time / total * Double(parts)))] += Double(max(0, sum - last))
            last = sum
        }
        let rates = bytes.map { $0 / (total / Double(parts)) }
        let most = max(rates.max() ?? 1, 1)
        let points = rates.enumerated().map { index, rate in
            "\(tenths(Double(index) / Double(parts - 1) * width)),\(tenths(110 - rate / most * 90))"
        }
        return """
            <div class="plot wide" role="region" tabindex="0" \
            aria-label="Bytes acknowledged in a second"><h3>Bytes acknowledged in a second</h3><svg viewBox="0 0 900 130" role="img" \
            aria-label="The rate of the upload, at most \(ByteCount(Int64(most)).description)/s">\
            <line class="axis" x1="0" x2="900" y1="110" y2="110"/><polyline class="rate" points="\(points.joined(separator: " "))"/>\
            <text x="0" y="12">\(ByteCount(Int64(most)).description)/s</text><text x="0" y="126">0 s</text>\
            <text x="900" y="126" text-anchor="end">\(seconds(total))</text></svg></div>

            """
    }

    private static func tenths(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func seconds(_ number: Double) -> String {
        number < 60 ? "\(tenths(number)) s" : "\(Int(number) / 60) min \(Int(number) % 60) s"
    }
}
