import ClipModel
import ConfigFiles

/// The `checks` section: what every clip must be. What isn't met is said, or fails the clip.
public struct CheckOptions: Codable, Hashable, Sendable {
    public var warn: Checks?
    public var fail: Checks?

    /// Each is nil where it is not checked.
    public struct Checks: Codable, Hashable, Sendable {
        /// FFmpeg's short names of the codecs that the video may have.
        public var codec: [String]?
        /// Pixels of the picture as a player shows it: turned, and with square samples.
        public var minWidth: Int?
        public var minHeight: Int?
        public var frameRate: FrameRate?
        public var duration: Durations?
        public var audio: Presence?
        public var hdr: Presence?
        public var truncated: Truncation?
        /// Of these, all of the video or of the audio is decoded. Seconds.
        public var blackLongerThan: Double?
        public var frozenLongerThan: Double?
        public var silentLongerThan: Double?
    }

    /// Frames a second.
    public struct FrameRate: Codable, Hashable, Sendable {
        public var min: Double?
        public var max: Double?
        public var constant: Bool?
    }

    /// Seconds.
    public struct Durations: Codable, Hashable, Sendable {
        public var min: Double?
        public var max: Double?
    }

    /// Whether a clip must or must not have something.
    public enum Presence: String, Codable, Hashable, Sendable, CaseIterable {
        case required
        case forbidden
    }

    /// Whether a file may end before all that it should have.
    public enum Truncation: String, Codable, Hashable, Sendable, CaseIterable {
        case forbidden
        case allowed
    }

    init(_ node: YAMLNode, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "\"checks\"", collector: collector)
        warn = reader.node("warn").map { Checks($0, "\"warn\"", collector) }
        fail = reader.node("fail").map { Checks($0, "\"fail\"", collector) }
        reader.finish()
    }
}

extension CheckOptions {
    /// What is to be looked for in all of the recording; nil for nothing. Of two limits the shorter one, since what is
    /// longer than the other one is found, too.
    var stretches: StretchRequest? {
        func least(_ member: (Checks) -> Double?) -> Double? { [warn, fail].compactMap { $0.flatMap(member) }.min() }
        let request = StretchRequest(
            black: least(\.blackLongerThan), frozen: least(\.frozenLongerThan), silent: least(\.silentLongerThan))
        return request.isEmpty ? nil : request
    }
}

extension CheckOptions.Checks {
    fileprivate init(_ node: YAMLNode, _ what: String, _ collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: what, collector: collector)
        codec = reader.list("codec", of: "a codec's short name such as h264, hevc or av1") {
            $0.text.flatMap { $0.isEmpty ? nil : $0 }
        }
        minWidth = reader.integer("minWidth", in: 1...65_536, unit: " (pixels)").map(Int.init)
        minHeight = reader.integer("minHeight", in: 1...65_536, unit: " (pixels)").map(Int.init)
        frameRate = reader.node("frameRate").map { CheckOptions.FrameRate($0, collector) }
        duration = reader.node("duration").map { CheckOptions.Durations($0, collector) }
        let presence = CheckOptions.Presence.allCases.map { ($0.rawValue, $0) }
        audio = reader.choice("audio", presence)
        hdr = reader.choice("hdr", presence)
        truncated = reader.choice("truncated", CheckOptions.Truncation.allCases.map { ($0.rawValue, $0) })
        blackLongerThan = reader.seconds("blackLongerThan")
        frozenLongerThan = reader.seconds("frozenLongerThan")
        silentLongerThan = reader.seconds("silentLongerThan")
        reader.finish()
    }
}

extension CheckOptions.FrameRate {
    fileprivate init(_ node: YAMLNode, _ collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "\"frameRate\"", collector: collector)
        min = reader.rate("min")
        max = reader.rate("max")
        constant = reader.boolean("constant")
        reader.finish()
        collector.checkOrder(min, max, "frameRate", at: node.mark)
    }
}

extension CheckOptions.Durations {
    fileprivate init(_ node: YAMLNode, _ collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "\"duration\"", collector: collector)
        min = reader.seconds("min")
        max = reader.seconds("max")
        reader.finish()
        collector.checkOrder(min, max, "duration", at: node.mark)
    }
}

extension DiagnosticCollector {
    fileprivate func checkOrder(_ min: Double?, _ max: Double?, _ name: String, at mark: Mark) {
        if let min, let max, min > max { report("\"\(name)\": \"min\" is larger than \"max\"", at: mark) }
    }
}

extension MappingReader {
    /// A duration above 0, in seconds.
    fileprivate mutating func seconds(_ name: String) -> Double? {
        value(name, DurationText.expected) { node in
            guard let duration = node.text.flatMap(DurationText.parse), duration > .zero else { return nil }
            let (seconds, attoseconds) = duration.components
            return Double(seconds) + Double(attoseconds) / 1e18
        }
    }

    fileprivate mutating func rate(_ name: String) -> Double? {
        value(name, "frames a second, a number above 0 and up to 1000") { node in
            node.number.flatMap { $0 > 0 && $0 <= 1000 ? $0 : nil }
        }
    }
}
