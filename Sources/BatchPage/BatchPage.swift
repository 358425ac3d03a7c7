public import ClipModel
public import FoundationEssentials
import SystemIO

/// A batch as one HTML page: pictures, numbers and reasons. It loads nothing from elsewhere, and equal contents give
/// equal bytes; times are in one marked part.
public struct BatchPage: Sendable {
    let pipeline: String
    let server: ServerReport?
    let missing: [BatchReport.Missing]
    let timings: RunTimings?
    /// Of the clips so far.
    var totals = Totals()

    /// One clip of `batch.json` with what its manifest says.
    public struct Clip: Sendable {
        public var entry: BatchReport.Entry
        public var manifest: Manifest?
        /// Why there is no manifest where `batch.json` names one.
        public var problem: String?
        public var picture: Picture?

        public init(_ entry: BatchReport.Entry, manifest: Manifest?, problem: String?, picture: Picture?) {
            self.entry = entry
            self.manifest = manifest
            self.problem = problem
            self.picture = picture
        }
    }

    /// Where a thumbnail is.
    public enum Picture: Sendable {
        /// A JPEG in the page itself.
        case inline(Data)
        /// A path relative to the page's folder, or from the root.
        case linked(String)
    }

    /// - Parameter timings: Nil where it isn't known where the time went.
    public init(pipeline: String, server: ServerReport?, missing: [BatchReport.Missing], timings: RunTimings?) {
        self.missing = missing
        self.pipeline = pipeline
        self.server = server
        self.timings = timings
    }

    /// Counts a clip that the page shows. All are counted, in their order, before the page is asked for.
    public mutating func count(_ item: Item) { totals.add(item) }

    /// What stands before the clips.
    ///
    /// - Parameter mark: Stands at its beginning, for whoever wants to know what it was made of.
    public func beginning(marked mark: String) -> Data {
        var html = HTML()
        html.markup("<!DOCTYPE html>\n<!-- ")
        html.add(mark)
        html.markup(" -->\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        html.markup("<meta http-equiv=\"Content-Security-Policy\" content=\"")
        html.add(Self.policy)
        html.markup("\">\n<meta name=\"referrer\" content=\"no-referrer\">\n")
        html.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
        html.add("\(pipeline): \(Figures.count(totals.clips, "clip"))")
        html.markup("</title>\n<style>")
        html.raw(Self.style)
        html.markup("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#clips\">Skip to the clips</a>\n")
        addHeader(to: &html)
        html.markup("<main>\n")
        beginClips(in: &html)
        return Data(html.text.utf8)
    }

    /// What stands behind the clips.
    public func end() -> Data {
        var html = HTML()
        endClips(in: &html)
        addHistograms(to: &html)
        if let timings { Self.add(timings, to: &html) }
        html.markup("</main>\n<script>")
        html.raw(Self.script)
        html.markup("</script>\n</body>\n</html>\n")
        return Data(html.text.utf8)
    }

    private static let style = String(decoding: PackageResources.report_css, as: UTF8.self)
    private static let script = String(decoding: PackageResources.report_js, as: UTF8.self)

    /// The page's own style and script, by their digests, and pictures; nothing else is loaded or run.
    private static let policy: String = {
        let sources = [style, script].map { text in
            // Without a digest the page is shown without style and script, and all is there.
            (try? SHA256Hasher.digest(of: Data(text.utf8).bytes)).map {
                "'sha256-\(Data($0.bytes).base64EncodedString())'"
            } ?? "'none'"
        }
        return "default-src 'none'; img-src data: 'self' file:; style-src \(sources[0]); script-src \(sources[1]); "
            + "base-uri 'none'; form-action 'none'"
    }()
}

// MARK: - Head

extension BatchPage {
    private func addHeader(to html: inout HTML) {
        html.markup("<header>\n<h1>")
        html.add(pipeline)
        html.markup("</h1>\n<ul class=\"states\" aria-label=\"Clips by state\">\n")
        for state in BatchReport.State.allCases {
            guard let count = totals.states[state] else { continue }
            html.markup("<li class=\"state ")
            html.add(state.rawValue)
            html.markup("\">")
            html.add("\(count) \(state.rawValue)")
            html.markup("</li>\n")
        }
        html.markup("</ul>\n<dl class=\"figures\">\n")
        for (name, value) in [
            ("Clips", String(totals.clips)), ("Duration", Figures.time(totals.seconds)),
            ("Size", ByteCount(totals.size).description), ("Blocks", String(totals.blocks)),
            ("Warnings", String(totals.warnings)),
        ] {
            html.term(name, value)
        }
        html.markup("</dl>\n")
        if let server {
            html.markup("<p class=\"server\">Server: ")
            html.add(server.state.rawValue)
            if let host = server.hostName { html.add(" at \(host)") }
            if let region = server.region { html.add(" (\(region))") }
            if let reason = server.reason { html.add(": \(reason)") }
            html.markup("</p>\n")
        }
        if !missing.isEmpty {
            html.markup("<h2>Missing</h2>\n<ul>\n")
            for one in missing {
                html.markup("<li class=\"reason\">")
                html.add("\(one.path): \(one.reason)")
                html.markup("</li>\n")
            }
            html.markup("</ul>\n")
        }
        html.markup("</header>\n")
    }
}

extension HTML {
    /// One entry of a list of facts.
    mutating func term(_ name: String, _ value: String) {
        markup("<div><dt>")
        add(name)
        markup("</dt><dd>")
        add(value)
        markup("</dd></div>\n")
    }
}
