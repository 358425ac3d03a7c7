public import ClipModel
public import FoundationEssentials
import SystemIO

/// A batch as one HTML page: pictures, numbers and reasons. It loads nothing from elsewhere, and equal contents give
/// equal bytes; times are in one marked part.
public struct BatchPage: Sendable {
    let pipeline: String
    let clips: [Clip]
    let server: ServerReport?
    let missing: [BatchReport.Missing]
    let timings: RunTimings?

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
    public init(
        pipeline: String, clips: [Clip], server: ServerReport?, missing: [BatchReport.Missing], timings: RunTimings?
    ) {
        self.missing = missing
        self.pipeline = pipeline
        self.clips = clips
        self.server = server
        self.timings = timings
    }

    /// The page.
    ///
    /// - Parameter mark: Stands at its beginning, for whoever wants to know what it was made of.
    public func document(marked mark: String) -> Data {
        var html = HTML()
        html.markup("<!DOCTYPE html>\n<!-- ")
        html.add(mark)
        html.markup(" -->\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        html.markup("<meta http-equiv=\"Content-Security-Policy\" content=\"")
        html.add(Self.policy)
        html.markup("\">\n<meta name=\"referrer\" content=\"no-referrer\">\n")
        html.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
        html.add("\(pipeline): \(Figures.count(clips.count, "clip"))")
        html.markup("</title>\n<style>")
        html.raw(Self.style)
        html.markup("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#clips\">Skip to the clips</a>\n")
        addHeader(to: &html)
        html.markup("<main>\n")
        addClips(to: &html)
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
            let count = clips.count { $0.entry.state == state }
            guard count > 0 else { continue }
            html.markup("<li class=\"state ")
            html.add(state.rawValue)
            html.markup("\">")
            html.add("\(count) \(state.rawValue)")
            html.markup("</li>\n")
        }
        html.markup("</ul>\n<dl class=\"figures\">\n")
        let manifests = clips.compactMap(\.manifest)
        let seconds = manifests.reduce(0) { $0 + max(0, $1.media.durationSeconds) }
        let size = manifests.reduce(Int64(0)) { Self.sum($0, $1.file.size) }
        let blocks = manifests.reduce(Int64(0)) { Self.sum($0, Int64($1.blocks.count)) }
        for (name, value) in [
            ("Clips", String(clips.count)), ("Duration", Figures.time(seconds)),
            ("Size", ByteCount(size).description), ("Blocks", String(blocks)),
            ("Warnings", String(manifests.reduce(0) { $0 + $1.warnings.count })),
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

    /// What a manifest says may be anything.
    private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let (sum, overflow) = a.addingReportingOverflow(max(0, b))
        return overflow ? .max : sum
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
