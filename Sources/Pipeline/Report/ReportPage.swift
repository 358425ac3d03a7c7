import ClipModel
import FoundationEssentials
public import SystemIO
import Transport

/// `report.html`: what came of every clip of a batch, with its picture, for people. One file without outside resources,
/// made of `batch.json`, the manifests and the thumbnails: equal ones give equal bytes, but for one marked part, which
/// tells where the time of a run went.
public struct ReportPage: Sendable {
    /// Where the pictures are.
    public enum Pictures: String, Sendable, CaseIterable {
        /// In the page.
        case inline
        /// In the output folder, from where the page shows them.
        case linked
    }

    private let report: BatchReport
    private let output: OutputFolder
    private let pictures: Pictures

    /// So many bytes of pictures are in the page unless something else is asked for; with more, they are linked.
    static let mostInline: Int64 = 16 << 20

    /// Reads what there is of a batch.
    ///
    /// - Parameter pictures: Nil: in the page, as long as they are not more than `mostInline`.
    /// - Throws: `FileError`, or `RunError.service` for a `batch.json` that is none.
    public init(of output: OutputFolder, pictures: Pictures? = nil) throws {
        let file = try OpenFile(output.report)
        let bytes = try file.bytes(in: 0..<max(0, file.identity().size))
        guard let report = try? JSONDecoder().decode(BatchReport.self, from: Data(bytes)),
            report.format == BatchReport.currentFormat
        else { throw RunError.service("\(Path.shown(output.report)) is no \(BatchReport.currentFormat)") }
        self.init(report, in: output, pictures: pictures)
    }

    init(_ report: BatchReport, in output: OutputFolder, pictures: Pictures? = nil) {
        self.report = report
        self.output = output
        self.pictures = pictures ?? (Self.areMany(report, in: output) ? .linked : .inline)
    }

    /// Looks at no more of them than could be in a page.
    private static func areMany(_ report: BatchReport, in output: OutputFolder) -> Bool {
        var size: Int64 = 0
        for entry in report.clips where size <= mostInline {
            // One that isn't there takes no room.
            size += (try? FileIdentity(of: output.thumbnail(of: entry.clip, "large")).size) ?? 0
        }
        return size > mostInline
    }

    /// Writes the page.
    ///
    /// - Parameter times: What is to be told of a run; nil for what the page tells already.
    public func write(times: String? = nil) throws(FileError) {
        let kept = times ?? Self.times(in: output.page) ?? ""
        try DurableFile.write(Data(html(times: HTML(trusted: kept)).utf8), to: output.page)
    }

    private static let (timesBegin, timesEnd) = ("<!-- times -->", "<!-- end of times -->")

    /// The marked part of a page that is there.
    private static func times(in path: String) -> String? {
        // Nothing is lost that can't be had from the next run.
        guard let file = try? OpenFile(path), let size = try? file.identity().size,
            let bytes = try? file.bytes(in: 0..<max(0, size))
        else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let begin = text.firstRange(of: timesBegin), let end = text.firstRange(of: timesEnd),
            begin.upperBound <= end.lowerBound
        else { return nil }
        return String(text[begin.upperBound..<end.lowerBound])
    }
}

// MARK: - The page

extension ReportPage {
    private func html(times: HTML) -> String {
        let (style, script) = (Self.text(PackageResources.report_css), Self.text(PackageResources.report_js))
        let cards = report.clips.map { card(of: $0) }
        let manifests = cards.compactMap(\.manifest)
        let policy =
            "default-src 'none'; img-src data: file: 'self'; style-src \(Self.hash(style)); script-src \(Self.hash(script)); "
            + "base-uri 'none'; form-action 'none'"
        let page: HTML = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(policy)">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="generator" content="clipship">
            <title>\(report.pipeline): clips</title>
            <style>\(HTML(trusted: style))</style>
            </head>
            <body>
            <header><h1>\(report.pipeline)</h1>
            <dl class="figures">
            \(figures(manifests))</dl></header>
            <main>
            \(missing)\(HTML(trusted: Self.timesBegin))\(times)\(HTML(trusted: Self.timesEnd))
            <h2>Numbers</h2>
            <div class="plots">
            \(ReportPlots.durations(manifests.map(\.media.durationSeconds)))\
            \(ReportPlots.sizes(manifests.map { Double($0.file.size) }))</div>
            <h2 id="clips-title">Clips</h2>
            <form hidden>
            <label>Search <input type="search" name="text"></label>
            <label>State <select name="state"><option value="">all</option>\(states)</select></label>
            <label>Order <select name="order"><option value="name">name</option><option value="duration">longest</option>\
            <option value="size">largest</option></select></label>
            <output id="count"></output>
            </form>
            <ul id="clips" aria-labelledby="clips-title">
            \(cards.map(\.html))</ul>
            </main>
            <script>\(HTML(trusted: script))</script>
            </body>
            </html>

            """
        return page.text
    }

    private var states: [HTML] {
        BatchReport.State.allCases.filter { report.totals[$0.rawValue, default: 0] > 0 }
            .map { "<option>\($0.rawValue)</option>" }
    }

    private func figures(_ manifests: [Manifest]) -> [HTML] {
        let size = manifests.reduce(Int64(0)) { $0 + $1.file.size }
        let seconds = manifests.reduce(0) { $0 + $1.media.durationSeconds }
        let totals = BatchReport.State.allCases.compactMap { state in
            report.totals[state.rawValue].flatMap { $0 > 0 ? (state.rawValue, "\($0)") : nil }
        }
        let figures =
            [("clips", "\(report.clips.count)")] + totals + [
                ("bytes", ByteCount(size).description), ("duration", Self.clock(seconds)),
            ]
        return figures.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>\n" }
    }

    private var missing: HTML {
        guard let missing = report.missing else { return "" }
        let lines: [HTML] = missing.map { "<li>\($0.path): \($0.reason)</li>\n" }
        return "<h2>Missing</h2>\n<ul class=\"missing\">\n\(lines)</ul>\n"
    }

    /// `1:02:03`.
    static func clock(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds, 0), 1e12).rounded())
        let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
    }

    private static func text(_ resource: [UInt8]) -> String { String(decoding: resource, as: UTF8.self) }

    /// As a content security policy names what is in the page.
    private static func hash(_ text: String) -> String {
        guard let digest = try? SHA256Hasher.digest(of: Array(text.utf8).span.bytes) else { return "'none'" }
        return "'sha256-\(Data(digest.bytes).base64EncodedString())'"
    }
}

// MARK: - One clip

extension ReportPage {
    private struct Card {
        var manifest: Manifest?
        var html: HTML
    }

    private func card(of entry: BatchReport.Entry) -> Card {
        // A manifest that can't be read is told of where its facts would be.
        let manifest = entry.manifest.flatMap { try? ManifestFile.read(Path.resolve($0, below: output.path)) }
        let isOpen = entry.reason != nil && entry.state != .failed
        var facts: [(String, String)] = []
        if let manifest {
            let video = manifest.media.video
            facts = [
                (
                    "duration",
                    "\(Self.clock(manifest.media.durationSeconds)) (\(Self.hundredths(manifest.media.durationSeconds)) s)"
                ),
                (
                    "size",
                    "\(ByteCount(manifest.file.size)), \(manifest.blocks.count) \(manifest.blocks.count == 1 ? "block" : "blocks")"
                ),
                ("video", "\(video.codec) \(video.width) x \(video.height)\(video.hdr.map { ", \($0)" } ?? "")"),
                ("audio", manifest.media.audio?.codec ?? "none"),
            ]
            if let recorder = manifest.media.recorder { facts.append(("recorder", recorder.rawValue)) }
        } else if entry.manifest != nil {
            facts = [("manifest", "can't be read")]
        }
        facts.append(("file", entry.file))
        if let id = entry.gameClipId { facts.append(("id", id)) }
        let list: [HTML] = facts.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }
        let caption = manifest?.request.userCaption ?? ""
        let warnings: [HTML] = manifest?.warnings.map { "<li>\($0)</li>" } ?? []
        let html: HTML = """
            <li data-state="\(entry.state.rawValue)" data-duration="\(Int64((manifest?.media.durationSeconds ?? 0) * 1000))" \
            data-size="\(manifest?.file.size ?? 0)"><article class="\(entry.state.rawValue)\(isOpen ? " open" : "")">
            <div class="picture">\(picture(of: entry, manifest))</div>
            <div class="text"><h3>\(entry.clip)</h3><span class="state">\(entry.state.rawValue)</span>
            \(caption.isEmpty ? HTML("") : "<p class=\"caption\">\(caption)</p>\n")\
            \(entry.reason.map { "<p class=\"reason\">\($0)</p>\n" } ?? HTML(""))\
            <dl class="facts">\(list)</dl>
            \(warnings.isEmpty ? HTML("") : "<ul class=\"warnings\">\(warnings)</ul>\n")</div>
            </article></li>

            """
        return Card(manifest: manifest, html: html)
    }

    /// The large thumbnail; where there is none, words in its place.
    private func picture(of entry: BatchReport.Entry, _ manifest: Manifest?) -> HTML {
        guard let manifest, let path = entry.manifest else { return "<p>no picture</p>" }
        let folder = Path.parent(of: Path.resolve(path, below: output.path))
        let file = Path.resolve(manifest.thumbnails.large.path, below: folder)
        let words = "\(entry.clip) at \(Self.hundredths(manifest.thumbnails.frameMilliseconds / 1000)) s"
        switch pictures {
        case .inline:
            guard let jpeg = try? OpenFile(file), let size = try? jpeg.identity().size,
                size <= ManifestFile.largestPicture,
                let bytes = try? jpeg.bytes(in: 0..<max(0, size)), bytes.starts(with: [0xff, 0xd8])
            else { return "<p>its picture can't be read</p>" }
            return """
                <img alt="\(words)" width="\(manifest.thumbnails.large.width)" height="\(manifest.thumbnails.large.height)" \
                src="data:image/jpeg;base64,\(HTML(trusted: Data(bytes).base64EncodedString()))">
                """
        case .linked:
            let link = Path.relative(file, to: output.path).split(separator: "/", omittingEmptySubsequences: false)
                .map { PercentEncoding.segment(String($0)) }.joined(separator: "/")
            return """
                <img loading="lazy" alt="\(words)" width="\(manifest.thumbnails.large.width)" \
                height="\(manifest.thumbnails.large.height)" src="\(link)">
                """
        }
    }

    private static func hundredths(_ seconds: Double) -> String {
        let hundredths = Int64((min(max(seconds, 0), 1e12) * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
