public import ClipModel
import ConfigFiles

/// The `thumbnails` section.
public struct ThumbnailOptions: Hashable, Sendable {
    public var source: ThumbnailSource = .default
    /// Milliseconds; used when the source is `Offset` or `Upload`.
    public var offset: Int64?
    public var whenPastEnd: ThumbnailRequest.PastEnd = .lastFrame
    public var fit: PictureFit = .cover
    /// JPEG quality, 1 to 100.
    public var quality: Int = 90

    /// Where the frame is when nobody says otherwise: 3 seconds, as the service has it.
    public static let defaultOffset: Int64 = 3_000

    public init() {}

    init(_ node: YAMLNode, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "\"thumbnails\"", collector: collector)
        let offset = reader.integer("offset", in: 0...Int64(Int32.max), unit: " (milliseconds)")
        let chosen = RequestMembers.listed("source", ThumbnailSource.listed, except: nil, in: &reader)
        if let offset, chosen == .default || chosen == nil {
            collector.report(
                "\"offset\" (\(offset)) needs source: Offset or Upload; with Default the service takes 3 s",
                at: node.mark)
        }
        self.offset = offset
        source = chosen ?? .default
        let pastEnd = ThumbnailRequest.PastEnd.allCases.map { ($0.rawValue, $0) }
        whenPastEnd = reader.choice("whenPastEnd", pastEnd) ?? .lastFrame
        fit = reader.choice("fit", PictureFit.allCases.map { ($0.rawValue, $0) }) ?? .cover
        quality = reader.integer("quality", in: 1...100).map(Int.init) ?? 90
        reader.finish()
    }
}

/// The `blocks` section.
public struct BlockOptions: Hashable, Sendable {
    public var size: ByteCount = BlockPlan.largestBlock
    /// Also write each block as a file.
    public var write = false

    public init() {}

    init(_ node: YAMLNode, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "\"blocks\"", collector: collector)
        let range = ByteCount(1_000)...BlockPlan.largestBlock
        let expected = "an amount from 1000 bytes to 2MB (2,000,000 bytes)"
        size =
            reader.value("size", expected) { node in
                node.text.flatMap { ByteCount(parsing: $0) }.flatMap { range.contains($0) ? $0 : nil }
            } ?? BlockPlan.largestBlock
        write = reader.boolean("write") ?? false
        reader.finish()
    }
}

/// The `submit` section.
public struct SubmitOptions: Hashable, Sendable {
    public var waitFor: Goal = .published
    /// Clips that are submitted at the same time, 1 to 64.
    public var clipsInFlight = 4
    /// Blocks of one clip that go up at the same time, 1 to 64.
    public var blocksInFlight = 4
    /// Connections to all services together, 1 to 256.
    public var connections = 16
    /// What all uploads together may take; nil for no limit.
    public var bandwidth: Bandwidth?
    /// Uploads that the service ended are begun anew; a wish of one run, not of a pipeline.
    public var recreates = false

    /// What every clip is to reach.
    public enum Goal: String, Hashable, Sendable, CaseIterable {
        case published
        /// The service has every byte.
        case uploaded
        /// Nothing is submitted.
        case nothing
    }

    public init() {}

    init(_ node: YAMLNode, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "\"submit\"", collector: collector)
        waitFor = reader.choice("waitFor", Goal.allCases.map { ($0.rawValue, $0) }) ?? .published
        clipsInFlight = reader.integer("clipsInFlight", in: 1...64).map(Int.init) ?? 4
        blocksInFlight = reader.integer("blocksInFlight", in: 1...64).map(Int.init) ?? 4
        connections = reader.integer("connections", in: 1...256).map(Int.init) ?? 16
        bandwidth = reader.node("bandwidth").flatMap { Bandwidth($0, collector: collector) }
        reader.finish()
    }
}
