import ClipModel

extension BatchPage {
    func addHistograms(to html: inout HTML) {
        guard totals.durations.count > 1 else { return }
        html.markup("<section aria-labelledby=\"spread\">\n<h2 id=\"spread\">Durations and sizes</h2>\n")
        html.markup("<div class=\"plots\">\n")
        Self.addHistogram("Durations", totals.durations, Figures.time, to: &html)
        Self.addHistogram("Sizes", totals.sizes, { ByteCount(Int64(min($0, 1e18))).description }, to: &html)
        html.markup("</div>\n</section>\n")
    }

    /// Bars from 0 to the largest value, each as wide as the others.
    private static func addHistogram(
        _ title: String, _ values: [Double], _ text: (Double) -> String, to html: inout HTML
    ) {
        let values = values.map { $0.isFinite ? max(0, $0) : 0 }
        let most = values.max() ?? 0
        let count = min(20, max(4, Int(Double(values.count).squareRoot().rounded(.up))))
        var bins = [Int](repeating: 0, count: count)
        for value in values { bins[most > 0 ? min(count - 1, Int(value / most * Double(count))) : 0] += 1 }
        let highest = bins.max() ?? 1
        let label =
            "\(title) of \(values.count) clips, from \(text(values.min() ?? 0)) to \(text(most)); at most \(highest) in "
            + "one of \(count) equal steps"
        html.figure(title, label: label) { html in
            for (index, bin) in bins.enumerated() where bin > 0 {
                let height = Double(bin) / Double(max(1, highest)) * 100
                html.bar(
                    x: Double(index) * 1_000 / Double(count) + 1, y: 100 - height, width: 1_000 / Double(count) - 2,
                    height: height,
                    title: "\(text(most * Double(index) / Double(count))) to "
                        + "\(text(most * Double(index + 1) / Double(count))): \(Figures.count(bin, "clip"))")
            }
        }
        html.axis("0", text(most), note: "highest bar: \(Figures.count(highest, "clip"))")
        html.markup("</figure>\n")
    }

    // MARK: - Times

    /// Clips that are shown one by one; of more, those that took longest.
    private static let mostLines = 200

    /// The stages in their order; one that is not known comes last.
    private static let stages = [
        "measuring", "writing", "waiting", "reconciling", "requesting", "uploading", "uploaded",
    ]

    static func add(_ timings: RunTimings, to html: inout HTML) {
        let whole = max(1, Int64((timings.ended.date.timeIntervalSince(timings.began.date) * 1_000).rounded()))
        html.markup("<!-- times: begin -->\n<section aria-labelledby=\"times\">\n<h2 id=\"times\">Times</h2>\n")
        html.markup("<dl class=\"figures\">\n")
        html.term("Began", Timestamp(seconds: timings.began.seconds).description)
        html.term("Took", Figures.time(Double(whole) / 1_000))
        html.term("Acknowledged", ByteCount(timings.upload.bytes.reduce(0, &+)).description)
        html.term("Requests", "\(timings.requests)")
        html.term("Sent again", "\(timings.retries)")
        html.markup("</dl>\n")
        addStages(timings, to: &html)
        addRate(timings.upload, to: &html)
        addLines(timings, whole: whole, to: &html)
        html.markup("</section>\n<!-- times: end -->\n")
    }

    private static func order(_ stage: String) -> Int { stages.firstIndex(of: stage) ?? stages.count }

    private static func addStages(_ timings: RunTimings, to html: inout HTML) {
        let rows = timings.secondsByStage.sorted { (order($0.key), $0.key) < (order($1.key), $1.key) }
        let most = rows.map(\.value).max() ?? 0
        guard most > 0 else { return }
        html.markup("<h3>By stage, all clips together</h3>\n<ul class=\"bars\">\n")
        for (stage, seconds) in rows {
            html.line(stage, Figures.time(seconds), "\(stage): \(Figures.time(seconds))") { html in
                html.bar(x: 0, y: 0, width: seconds / most * 1_000, height: 100, stage: order(stage))
            }
        }
        html.markup("</ul>\n")
    }

    private static func addRate(_ upload: RunTimings.Upload, to html: inout HTML) {
        let interval = max(1, upload.intervalSeconds)
        guard upload.bytes.count > 1, let most = upload.bytes.max(), most > 0 else { return }
        let rates = upload.bytes.map { Double(max(0, $0)) / Double(interval) }
        let peak = ByteCount(most / Int64(interval)).description + "/s"
        let length = Figures.time(Double(upload.bytes.count) * Double(interval))
        html.markup("<h3>Upload rate</h3>\n")
        html.figure(nil, label: "Upload rate over \(length); at most \(peak)") { html in
            let step = 1_000 / Double(rates.count)
            for (index, rate) in rates.enumerated() where rate > 0 {
                let height = rate / (Double(most) / Double(interval)) * 100
                html.bar(
                    x: Double(index) * step, y: 100 - height, width: step, height: height,
                    title: "\(Figures.time(Double(index) * Double(interval))): \(ByteCount(Int64(rate)))/s")
            }
        }
        html.axis("0", length, note: "highest: \(peak)")
        html.markup("</figure>\n")
    }

    private static func addLines(_ timings: RunTimings, whole: Int64, to html: inout HTML) {
        guard !timings.clips.isEmpty else { return }
        let length = { (clip: RunTimings.Clip) in
            (clip.stages.map(\.to).max() ?? 0) &- (clip.stages.map(\.from).min() ?? 0)
        }
        var shown = timings.clips
        if shown.count > mostLines {
            let longest = shown.indices.sorted { (length(shown[$1]), $0) < (length(shown[$0]), $1) }.prefix(mostLines)
            shown = longest.sorted().map { shown[$0] }
        }
        html.markup("<h3>By clip</h3>\n")
        if shown.count < timings.clips.count {
            html.markup("<p>")
            html.add("The \(shown.count) of \(timings.clips.count) clips that took longest.")
            html.markup("</p>\n")
        }
        html.markup("<ul class=\"key\" aria-label=\"Colours of the stages\">\n")
        let used = Set(shown.flatMap(\.stages).map(\.stage))
        for stage in used.sorted(by: { (order($0), $0) < (order($1), $1) }) {
            html.markup("<li><svg class=\"swatch\" viewBox=\"0 0 10 10\" aria-hidden=\"true\">")
            html.bar(x: 0, y: 0, width: 10, height: 10, stage: order(stage))
            html.markup("</svg>")
            html.add(stage)
            html.markup("</li>\n")
        }
        html.markup("</ul>\n<ul class=\"bars\">\n")
        for clip in shown {
            let seconds = clip.stages.map { "\($0.stage) \(Figures.time(Double($0.milliseconds) / 1_000))" }
            let label = "\(clip.clip): \(seconds.joined(separator: ", "))"
            html.line(clip.clip, Figures.time(Double(max(0, length(clip))) / 1_000), label) { html in
                for stage in clip.stages {
                    let scale = 1_000 / Double(whole)
                    html.bar(
                        x: min(1_000, Double(max(0, stage.from)) * scale), y: 0,
                        width: min(1_000, max(1, Double(stage.milliseconds) * scale)), height: 100,
                        stage: order(stage.stage),
                        title: "\(stage.stage): \(Figures.time(Double(stage.milliseconds) / 1_000))")
                }
            }
        }
        html.markup("</ul>\n")
    }
}

extension HTML {
    /// A plot over the whole width; `</figure>` is left to the caller.
    fileprivate mutating func figure(_ title: String?, label: String, _ body: (inout HTML) -> Void) {
        markup("<figure>\n")
        if let title {
            markup("<h3>")
            add(title)
            markup("</h3>\n")
        }
        markup("<svg class=\"plot\" viewBox=\"0 0 1000 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"")
        add(label)
        markup("\">")
        body(&self)
        markup("</svg>\n")
    }

    fileprivate mutating func axis(_ first: String, _ last: String, note: String) {
        markup("<p class=\"axis\"><span>")
        add(first)
        markup("</span><span>")
        add(note)
        markup("</span><span>")
        add(last)
        markup("</span></p>\n")
    }

    /// A line of a list with a name, bars and a figure.
    fileprivate mutating func line(
        _ name: String, _ figure: String, _ label: String, _ body: (inout HTML) -> Void
    ) {
        markup("<li><span class=\"name\">")
        add(name)
        markup("</span><svg viewBox=\"0 0 1000 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"")
        add(label)
        markup("\">")
        body(&self)
        markup("</svg><span class=\"figure\">")
        add(figure)
        markup("</span></li>\n")
    }

    fileprivate mutating func bar(
        x: Double, y: Double, width: Double, height: Double, stage: Int? = nil, title: String? = nil
    ) {
        markup("<rect")
        if let stage {
            markup(" class=\"stage")
            add(stage)
            markup("\"")
        }
        raw(" x=\"\(Figures.fixed(x, 2))\" y=\"\(Figures.fixed(y, 2))\"")
        raw(" width=\"\(Figures.fixed(width, 2))\" height=\"\(Figures.fixed(height, 2))\">")
        if let title {
            markup("<title>")
            add(title)
            markup("</title>")
        }
        markup("</rect>")
    }
}
