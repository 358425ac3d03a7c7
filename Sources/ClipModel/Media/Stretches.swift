/// Which stretches of a recording are looked for, and how long they are at least, in seconds above 0; nil for those that
/// are not. All of the video is decoded for black and frozen ones, all of the first audio track for silent ones.
public struct StretchRequest: Codable, Hashable, Sendable {
    /// Black pictures: 98 % of the pixels are darker than a tenth of the range, as FFmpeg's `blackdetect` has it.
    public var black: Double?
    /// Pictures that differ by less than a thousandth of the range on average, as FFmpeg's `freezedetect` has it.
    public var frozen: Double?
    /// Sound below a thousandth of the full level, as FFmpeg's `silencedetect` has it.
    public var silent: Double?

    public init(black: Double? = nil, frozen: Double? = nil, silent: Double? = nil) {
        self.black = black
        self.frozen = frozen
        self.silent = silent
    }

    /// Nothing is looked for.
    public var isEmpty: Bool { black == nil && frozen == nil && silent == nil }
}

/// The first stretch of each kind that is longer than was asked for.
public struct FoundStretches: Codable, Hashable, Sendable {
    public var black: Stretch?
    public var frozen: Stretch?
    public var silent: Stretch?

    public init() {}

    /// Seconds from the first frame or sample of the track, whatever an edit list shows of it.
    public struct Stretch: Codable, Hashable, Sendable {
        public var start: Double
        public var end: Double

        public init(start: Double, end: Double) {
            self.start = start
            self.end = end
        }
    }
}
