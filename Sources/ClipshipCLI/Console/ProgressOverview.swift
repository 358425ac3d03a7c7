import ClipModel
import FoundationEssentials

/// How far a run is, for its last line on a terminal, for a line in a pipe, and for a log.
struct ProgressOverview: Hashable {
    var clips: Int
    var done: Int
    var failed: Int
    /// Of all clips with something left to do when the run began; 0 where nothing is submitted.
    var bytes: ByteCount
    /// Of these, with clips that have ended in full.
    var sent: ByteCount
    /// By the service, in this run.
    var acknowledged: ByteCount
    /// Bytes a second.
    var rate: ByteCount?
    var elapsed: Duration

    var left: Int { max(0, clips - done - failed) }

    /// By the rate of bytes; where nothing is submitted, by that of clips. Nil where there is none yet.
    var timeLeft: Duration? {
        if bytes.bytes > 0 {
            guard let rate, rate.bytes > 0 else { return nil }
            return .seconds(Double(max(0, bytes.bytes - sent.bytes)) / Double(rate.bytes))
        }
        let ended = done + failed
        return ended > 0 ? elapsed * (Double(left) / Double(ended)) : nil
    }
}

extension ProgressOverview {
    private func counts(_ colour: Colour) -> String {
        let failures = failed > 0 ? ", " + colour.red("\(failed) failed") : ""
        return "\(colour.green("\(done) done"))\(failures), \(left) left"
    }

    /// Of what it can say, as much as fits.
    func line(columns: Int, _ colour: Colour) -> String {
        let bytes = bytes.bytes > 0 ? "\(sent) of \(bytes) sent" : nil
        let rate = rate.map { "\($0)/s" }
        let elapsed = Self.clock(elapsed)
        let left = timeLeft.map { "\(Self.clock($0)) left" }
        let layouts: [[String?]] = [
            [bytes, rate, "\(elapsed) elapsed", left], [bytes, rate, elapsed, left], [bytes, rate, left],
            [bytes, left], [left], [],
        ]
        let plain = Colour(isOn: false)
        for layout in layouts {
            let rest = layout.compactMap(\.self).map { "; \($0)" }.joined()
            if DisplayWidth.of(counts(plain) + rest) <= columns { return counts(colour) + rest }
        }
        return DisplayWidth.prefix("\(done + failed) of \(clips)", columns)
    }

    /// For a pipe.
    func sentence(at date: Date) -> String {
        var parts = [counts(Colour(isOn: false))]
        if bytes.bytes > 0 { parts.append("\(sent) of \(bytes) sent, \(acknowledged) acknowledged") }
        if let rate { parts.append("\(rate)/s") }
        parts.append("\(Self.clock(elapsed)) elapsed")
        if let timeLeft { parts.append("\(Self.clock(timeLeft)) left") }
        return "\(date.formatted(.iso8601)) progress: \(parts.joined(separator: "; "))"
    }

    /// For a log.
    var facts: [String: JSONValue] {
        var facts: [String: JSONValue] = [
            "clips": .integer(Int64(clips)), "done": .integer(Int64(done)), "failed": .integer(Int64(failed)),
            "left": .integer(Int64(left)), "bytes": .integer(bytes.bytes), "sentBytes": .integer(sent.bytes),
            "acknowledgedBytes": .integer(acknowledged.bytes),
            "elapsedMilliseconds": .integer(Self.milliseconds(elapsed)),
        ]
        facts["bytesPerSecond"] = rate.map { .integer($0.bytes) }
        facts["millisecondsLeft"] = timeLeft.map { .integer(Self.milliseconds($0)) }
        return facts
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        Int64(min(max(0, duration / .milliseconds(1)), 1e15))
    }

    /// `0:07`, `12:30`, `3:04:05`.
    static func clock(_ duration: Duration) -> String {
        let seconds = Int(min(max(0, duration / .seconds(1)), 1e9).rounded())
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let rest = "\(two(seconds % 60))"
        return seconds < 3_600
            ? "\(seconds / 60):\(rest)" : "\(seconds / 3_600):\(two(seconds / 60 % 60)):\(rest)"
    }
}
