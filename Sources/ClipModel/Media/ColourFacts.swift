/// What the coded video says of its colours, in the names that FFmpeg has for the code points of ITU-T H.273; a member is
/// nil where it says nothing.
public struct ColourFacts: Codable, Hashable, Sendable {
    /// `bt709`, `bt2020`, `smpte432`, ...
    public var primaries: String?
    /// `bt709`, `smpte2084` (PQ), `arib-std-b67` (HLG), ...
    public var transfer: String?
    /// `bt709`, `bt2020nc`, ...
    public var matrix: String?
    public var range: Range?
    /// Bits of a sample, 1 to 32.
    public var bitDepth: Int?

    /// Which numbers stand for black and white.
    public enum Range: String, Codable, Hashable, Sendable {
        /// 16 to 235 of 255.
        case limited
        /// All.
        case full
    }

    public init() {}
}

/// What HDR video says of how it was mastered, and what it has for each scene.
public struct HDRMetadata: Codable, Hashable, Sendable {
    /// SMPTE ST 2086.
    public var masteringDisplay: MasteringDisplay?
    /// CTA-861.3.
    public var contentLight: ContentLight?
    /// The frame that was decoded has dynamic metadata of SMPTE ST 2094-40.
    public var hdr10Plus: Bool?
    public var dolbyVision: DolbyVision?

    /// The screen on which it was graded.
    public struct MasteringDisplay: Codable, Hashable, Sendable {
        /// Chromaticities of CIE 1931, x and y, to 0.00002 as they are coded.
        public var red: [Double]?
        public var green: [Double]?
        public var blue: [Double]?
        public var white: [Double]?
        /// Candela a square metre.
        public var minLuminance: Double?
        public var maxLuminance: Double?

        public init() {}
    }

    /// Candela a square metre.
    public struct ContentLight: Codable, Hashable, Sendable {
        /// Of the brightest pixel (MaxCLL).
        public var max: Int
        /// Of the brightest frame (MaxFALL).
        public var average: Int

        public init(max: Int, average: Int) {
            self.max = max
            self.average = average
        }
    }

    /// What the container's configuration record says.
    public struct DolbyVision: Codable, Hashable, Sendable {
        public var profile: Int
        public var level: Int

        public init(profile: Int, level: Int) {
            self.profile = profile
            self.level = level
        }
    }

    public init() {}

    /// There is nothing in it.
    public var isEmpty: Bool { self == HDRMetadata() }
}
