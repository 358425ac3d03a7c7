public import ClipModel
import ConfigFiles

/// The `thumbnails` section.
public struct ThumbnailOptions: Encodable, Hashable, Sendable {
    public var source: ThumbnailSource = .default
    /// Used when the source is `Offset` or `Upload`.
    public var offset: ThumbnailOffset?
    /// A blank frame is passed over for the next one that is not; used as `offset` is.
    public var skipsBlank = false
    public var whenPastEnd: ThumbnailRequest.PastEnd = .usual
    public var fit: PictureFit = .usual
    /// JPEG quality, 1 to 100.
    public var quality: Int = ThumbnailRequest.usualQuality
    /// Nil: none is made.
    public var sheet: SheetRequest?

    public init() {}

    init(_ node: YAMLNode, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "\"thumbnails\"", collector: collector)
        let offset = reader.value("offset", ThumbnailOffset.expected) {
            $0.text.flatMap(ThumbnailOffset.init(parsing:))
        }
        let chosen = RequestMembers.listed("source", ThumbnailSource.listed, except: nil, in: &reader)
        skipsBlank = reader.choice("whenBlank", [("keep", false), ("next", true)]) ?? false
        let member = offset.map { "\"offset\" (\($0))" } ?? (skipsBlank ? "\"whenBlank\" (next)" : nil)
        if let member, chosen == .default || chosen == nil {
            collector.report(
                "\(member) needs source: Offset or Upload; with Default the service takes 3 s", at: node.mark)
        }
        self.offset = offset
        source = chosen ?? .default
        let pastEnd = ThumbnailRequest.PastEnd.allCases.map { ($0.rawValue, $0) }
        whenPastEnd = reader.choice("whenPastEnd", pastEnd) ?? .usual
        fit = reader.choice("fit", PictureFit.allCases.map { ($0.rawValue, $0) }) ?? .usual
        quality = reader.integer("quality", in: 1...100).map(Int.init) ?? ThumbnailRequest.usualQuality
        sheet = reader.node("sheet").map { SheetRequest($0, quality: quality, collector: collector) }
        reader.finish()
    }
}

extension SheetRequest {
    /// The `thumbnails.sheet` section.
    init(_ node: YAMLNode, quality: Int, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "\"sheet\"", collector: collector)
        self.init(
            columns: reader.integer("columns", in: 1...Int64(Self.mostColumns)).map(Int.init),
            rows: reader.integer("rows", in: 1...Int64(Self.mostRows)).map(Int.init),
            everyMilliseconds: reader.value("every", Self.expectedDistance) {
                $0.text.flatMap(Self.distance(parsing:))
            }, isSprite: reader.boolean("sprite") ?? false, isExact: reader.boolean("exact") ?? false,
            quality: quality)
        reader.finish()
    }

    /// What `distance(parsing:)` takes, for messages.
    package static let expectedDistance = "\(DurationText.expected), from 1ms to 24h, in whole milliseconds"

    /// Reads milliseconds from one picture to the next; nil for anything else.
    package static func distance(parsing text: String) -> Int64? {
        guard let duration = DurationText.parse(text), duration >= .milliseconds(1), duration <= .seconds(86_400),
            duration.components.attoseconds.isMultiple(of: 1_000_000_000_000_000)
        else { return nil }
        return duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    }
}

/// The `blocks` section.
public struct BlockOptions: Encodable, Hashable, Sendable {
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
public struct SubmitOptions: Encodable, Hashable, Sendable {
    public var waitFor: Goal = .published
    /// Clips that are submitted at the same time, 1 to 64.
    public var clipsInFlight = 4
    /// Blocks of one clip that go up at the same time, 1 to 64; nil for as many as there are connections that no other
    /// clip needs.
    public var blocksInFlight: Int?
    /// Connections to all services together, 1 to 256.
    public var connections = 16
    /// What all uploads together may take; nil for no limit.
    public var bandwidth: Bandwidth?
    /// What is done about members that changed after the clip was submitted and that the service lets be changed.
    public var whenChanged = WhenChanged.update
    /// How old an unfinished upload of another output folder is when it is taken for given up, 1 s to 1 year.
    public var takeOverAfter = Duration.seconds(86_400)
    /// What is done where the service's list does not show what the service has just issued.
    public var whenUnlisted = WhenUnlisted.stop
    /// Uploads that the service ended are started over; one run asks for that, no pipeline does.
    public var recreates = false
    /// Clips that the service had in full are looked for there once more; as above.
    public var checksPublished = false

    /// Blocks that go up at the same time: as many as there are connections, but no more than can be whole in the time that
    /// uploads under way have when a run is told to stop. Else a narrow road has parts of all of them on it, and none is kept.
    var blocksUnderWay: Int {
        guard let limit = bandwidth?.constantLimit else { return connections }
        let blocks = Double(limit) * Double(StopSignal.secondsToEnd) / Double(BlockPlan.largestBlock.bytes)
        return min(connections, max(1, Int(min(blocks, 1_000))))
    }

    /// What every clip is to reach.
    public enum Goal: String, Encodable, Hashable, Sendable, CaseIterable {
        case published
        /// The service has every byte.
        case uploaded
        /// Nothing is submitted.
        case nothing
    }

    /// What `age` takes, for messages.
    package static let expectedAge =
        "\(DurationText.expected), from \(DurationText.text(ages.lowerBound)) to \(DurationText.text(ages.upperBound))"

    /// Reads how old an upload is when it is taken over; nil for anything else.
    package static func age(_ text: String) -> Duration? {
        DurationText.parse(text).flatMap { ages.contains($0) ? $0 : nil }
    }

    private static let ages = Duration.seconds(1)...Duration.seconds(365 * 86_400)

    /// Caption, visibility or title data of a clip that the service has by now are others in its manifest.
    public enum WhenChanged: String, Encodable, Hashable, Sendable, CaseIterable {
        case warn
        /// The service is told, if it was this output folder that submitted the clip.
        case update
    }

    /// Whether others upload the same clips can't be seen then.
    public enum WhenUnlisted: String, Encodable, Hashable, Sendable, CaseIterable {
        /// Nothing is uploaded.
        case stop
        /// Nobody else uploads these clips, so they are uploaded all the same.
        case upload
    }

    public init() {}

    init(_ node: YAMLNode, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "\"submit\"", collector: collector)
        waitFor = reader.choice("waitFor", Goal.allCases.map { ($0.rawValue, $0) }) ?? .published
        clipsInFlight = reader.integer("clipsInFlight", in: 1...64).map(Int.init) ?? clipsInFlight
        blocksInFlight = reader.integer("blocksInFlight", in: 1...64).map(Int.init)
        connections = reader.integer("connections", in: 1...256).map(Int.init) ?? connections
        bandwidth = reader.node("bandwidth").flatMap { Bandwidth($0, collector: collector) }
        whenChanged = reader.choice("whenChanged", WhenChanged.allCases.map { ($0.rawValue, $0) }) ?? .update
        takeOverAfter =
            reader.value("takeOverAfter", Self.expectedAge) { $0.text.flatMap(Self.age) } ?? .seconds(86_400)
        whenUnlisted = reader.choice("whenUnlisted", WhenUnlisted.allCases.map { ($0.rawValue, $0) }) ?? .stop
        reader.finish()
    }
}
