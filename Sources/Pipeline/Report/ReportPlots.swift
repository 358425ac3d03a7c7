import ClipModel

/// Plots of a report as SVG, which say in words what they show.
enum ReportPlots {
    /// How many values lie in each of the ranges that `limits` are the upper ends of; the last range is open.
    static func histogram(_ title: String, _ values: [Double], limits: [(end: Double, label: String)], last: String)
        -> HTML
    {
        guard !values.isEmpty else { return "" }
        var counts = [Int](repeating: 0, count: limits.count + 1)
        for value in values { counts[limits.firstIndex { value < $0.end } ?? limits.count] += 1 }
        let labels = limits.map(\.label) + [last]
        // Empty ranges at both ends say nothing.
        let first = counts.firstIndex { $0 > 0 } ?? 0
        let end = (counts.lastIndex { $0 > 0 } ?? 0) + 1
        let shown = Array(zip(labels, counts))[first..<end]
        let most = shown.map(\.1).max() ?? 1
        let (width, height, base) = (360, 150, 122)
        let step = width / max(1, shown.count)
        var bars: [HTML] = []
        for (index, (label, count)) in shown.enumerated() {
            let size = count * 96 / max(1, most)
            let (x, middle) = (index * step + 4, index * step + step / 2)
            bars.append(
                "<rect class=\"bar\" x=\"\(x)\" y=\"\(base - size)\" width=\"\(step - 8)\" height=\"\(size)\" rx=\"3\"/>"
            )
            if count > 0 {
                bars.append("<text x=\"\(middle)\" y=\"\(base - size - 5)\" text-anchor=\"middle\">\(count)</text>")
            }
            bars.append("<text x=\"\(middle)\" y=\"\(base + 16)\" text-anchor=\"middle\">\(label)</text>")
        }
        let words = shown.filter { $0.1 > 0 }.map { "\($0.0): \($0.1)" }.joined(separator: ", ")
        return """
            <div class="plot"><h3>\(title)</h3><svg viewBox="0 0 \(width) \(height)" role="img" aria-label="\(title): \(words)">
            <line class="axis" x1="0" x2="\(width)" y1="\(base)" y2="\(base)"/>\(bars)</svg></div>

            """
    }

    static func durations(_ seconds: [Double]) -> HTML {
        histogram(
            "Clips by duration", seconds,
            limits: [
                (5, "< 5 s"), (15, "5–15 s"), (30, "15–30 s"), (60, "30–60 s"), (120, "1–2 min"), (300, "2–5 min"),
                (900, "5–15 min"),
            ], last: "longer")
    }

    static func sizes(_ bytes: [Double]) -> HTML {
        histogram(
            "Clips by size", bytes,
            limits: [
                (1e6, "< 1 MB"), (5e6, "1–5 MB"), (20e6, "5–20"), (50e6, "20–50"), (100e6, "50–100"),
                (500e6, "100–500"),
                (1e9, "0.5–1 GB"),
            ], last: "larger")
    }
}
