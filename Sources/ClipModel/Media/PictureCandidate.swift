/// A picture that was looked at for the thumbnails.
public struct PictureCandidate: Codable, Hashable, Sendable {
    /// Names the frame: the first whole millisecond at which it is on show.
    public var milliseconds: Int64
    /// 0 to 1000: contrast, detail, colour and brightness.
    public var score: Int
    public var condition: Condition
    /// It was decoded for the thumbnails.
    public var isChosen: Bool

    public init(milliseconds: Int64, score: Int, condition: Condition) {
        self.milliseconds = milliseconds
        self.score = score
        self.condition = condition
        isChosen = false
    }

    /// What speaks against a picture, the least first.
    public enum Condition: String, Codable, Hashable, Sendable, CaseIterable {
        case good
        /// The same as one before or after it: a loading screen, or a recording that stands still.
        case still
        /// On its way from or to another picture, black or white.
        case fading
        /// Nearly all of it is of one shade: a loading screen, as a rule.
        case empty
        /// All of it is nearly of the same brightness.
        case faded
        case black
        case white
        /// The file's bytes are damaged there.
        case damaged

        /// Nobody wants to see it.
        public var isBlank: Bool { self != .good && self != .still && self != .fading }
    }
}
