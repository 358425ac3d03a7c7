import ClipModel

/// Numbers for people.
enum Figures {
    /// With so many decimals, 0 to 3; numbers that are none, or too large to be one of ours, are cut.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        let scale = [1, 10, 100, 1_000][min(max(decimals, 0), 3)]
        let bounded = value.isFinite ? min(max(value, 0), 1e12) : 0
        let units = Int64((bounded * Double(scale)).rounded())
        guard scale > 1 else { return String(units) }
        let rest = String(units % Int64(scale))
        return "\(units / Int64(scale)).\(String(repeating: "0", count: decimals - rest.count))\(rest)"
    }

    /// `0.7 s`, `27.03 s`, `12 min 5 s`, `3 h 4 min`.
    static func time(_ seconds: Double) -> String {
        let bounded = seconds.isFinite ? min(max(seconds, 0), 1e12) : 0
        guard bounded >= 59.995 else { return "\(fixed(bounded, 2)) s" }
        let whole = Int64(bounded.rounded())
        return whole < 3_600
            ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3_600) h \(whole % 3_600 / 60) min"
    }

    static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
