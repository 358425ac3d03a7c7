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

    /// Writes the page, a part of it at a time: pictures and manifests of a large batch don't fit into memory.
    ///
    /// - Parameters:
    ///   - batch: What `batch.json` says; nil to read it.
    ///   - path: Absolute; nil for `report.html` in the output folder.
    /// - Returns: How many clips it shows.
    @discardableResult public func write(_ batch: BatchContents? = nil, to path: String? = nil) async throws -> Int {
        try await BlockingPool("report", width: 1).run { [self] in
            let batch = try batch ?? BatchContents(in: output)
            try write(batch, as: path ?? output.page)
            return batch.report.clips.count
        }
    }

    private func write(_ batch: BatchContents, as path: String) throws {
        let clips = batch.report.clips
        let folder = options.inlines(clips.count) ? nil : Path.parent(of: path)
        var page = BatchPage(
            pipeline: batch.report.pipeline, server: batch.report.compute, missing: batch.report.missing ?? [],
            timings: Self.timings(in: output))
        let mark = mark(of: batch.digest) ?? "clipship-report/1 \(options.rawValue) unknown"
        try DurableFile.write(to: path) { (file) throws(FileError) in
            // What stands before the clips is known when all have been looked at.
            let middle = try TemporaryFile(in: Path.parent(of: path), access: .owner)
            for start in stride(from: 0, to: clips.count, by: Self.clipsAtOnce) {
                let part = Array(clips[start..<min(start + Self.clipsAtOnce, clips.count)])
                let items = part.onAllProcessors(atLeast: 16) { clips in
                    clips.map { BatchPage.Item(batch.clip($0, picturesLinkedFrom: folder)) }
                }
                for item in items.joined() {
                    page.count(item)
                    try middle.append(item.html.utf8.span.bytes)
                }
            }
            try file.append(page.beginning(marked: mark).bytes)
            try file.append(middle)
            try file.append(page.end().bytes)
        }
    }

    private static let clipsAtOnce = 512

    /// Whether the page in the output folder is of `batch.json` as it is.
    func isCurrent(for batch: BatchContents) -> Bool {
        // Without a digest nobody knows, and the page is made again.
        guard let mark = mark(of: batch.digest) else { return false }
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
