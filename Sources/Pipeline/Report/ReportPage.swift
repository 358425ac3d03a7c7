import BatchPage
import ClipModel
import FoundationEssentials
import Support
import SystemIO

/// `report.html`: made of `batch.json`, the manifests and thumbnails that it names, and `timings.json` where there is one.
public struct ReportPage: Sendable {
    let output: OutputFolder
    let options: ReportOptions

    public init(of output: OutputFolder, _ options: ReportOptions) {
        self.output = output
        self.options = options
    }

    /// Writes the page.
    ///
    /// - Parameter path: Absolute; nil for `report.html` in the output folder.
    /// - Returns: How many clips it shows.
    @discardableResult public func write(to path: String? = nil) async throws -> Int {
        let path = path ?? output.page
        let width = ProcessInfo.processInfo.activeProcessorCount
        let reading = BlockingPool("report", width: width)
        let contents = try await reading.run { [output] in try BatchContents(in: output) }
        let entries = contents.report.clips
        let folder = options.inlines(entries.count) ? nil : Path.parent(of: path)
        let size = max(1, (entries.count + width * 8 - 1) / (width * 8))
        let parts = stride(from: 0, to: entries.count, by: size).map { entries[$0..<min($0 + size, entries.count)] }
        let clips = await withTaskGroup(of: (Int, [BatchPage.Clip]).self) { group in
            for (index, part) in parts.enumerated() {
                group.addTask {
                    let clips = await reading.run { part.map { contents.clip($0, picturesLinkedFrom: folder) } }
                    return (index, clips)
                }
            }
            var found = [[BatchPage.Clip]](repeating: [], count: parts.count)
            for await (index, clips) in group { found[index] = clips }
            return found.flatMap(\.self)
        }
        let mark = mark(of: contents.digest) ?? "clipship-report/1 \(options.rawValue) unknown"
        try await reading.run { [output] in
            let page = BatchPage(
                pipeline: contents.report.pipeline, clips: clips, server: contents.report.compute,
                missing: contents.report.missing ?? [], timings: Self.timings(in: output))
            try DurableFile.write(page.document(marked: mark), to: path)
        }
        return entries.count
    }

    /// Whether the page in the output folder is of `batch.json` as it is.
    func isCurrent(for batch: Data) -> Bool {
        // Without a digest nobody knows, and the page is made again.
        guard let mark = mark(of: try? SHA256Hasher.digest(of: batch.bytes)) else { return false }
        return Self.mark(in: output) == mark
    }

    /// The options by which the page in an output folder was made; nil where there is none of ours.
    static func options(in output: OutputFolder) -> ReportOptions? {
        mark(in: output).flatMap { text in
            ReportOptions.allCases.first { text.hasPrefix("clipship-report/1 \($0.rawValue) ") }
        }
    }

    /// Says in the page what it was made of; nil where that can't be said.
    private func mark(of digest: SHA256Digest?) -> String? {
        digest.map { "clipship-report/1 \(options.rawValue) \($0)" }
    }

    private static func mark(in output: OutputFolder) -> String? {
        // A page that can't be read is made again.
        guard let file = try? OpenFile(output.page), let head = try? file.bytes(in: 0..<256) else { return nil }
        let text = String(decoding: head, as: UTF8.self)
        let lines = text.split(separator: "\n", maxSplits: 2)
        guard lines.count == 3, lines[1].hasPrefix("<!-- "), lines[1].hasSuffix(" -->") else { return nil }
        return String(lines[1].dropFirst(5).dropLast(4))
    }

    /// Bytes: more than a run of a million clips has.
    private static let largestTimings: Int64 = 1 << 28

    /// Nil where there are none that can be read: the page is right without them.
    static func timings(in output: OutputFolder) -> RunTimings? {
        guard let text = try? OpenFile(output.timings).contents(atMost: largestTimings),
            let timings = try? StrictJSON.decode(RunTimings.self, from: Data(text), most: .max),
            timings.format == RunTimings.currentFormat
        else { return nil }
        return timings
    }
}

/// The `report` member: whether a run makes `report.html`, and where its pictures are.
public enum ReportOptions: String, Encodable, Hashable, Sendable, CaseIterable {
    /// No page.
    case none
    /// In the page up to 500 clips; beyond, the page links them.
    case automatic
    case inline
    case linked

    /// Clips up to which the pictures are in the page if nobody says otherwise.
    static let mostInline = 500

    func inlines(_ count: Int) -> Bool {
        self == .inline || self == .automatic && count <= Self.mostInline
    }
}
