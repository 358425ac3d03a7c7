import ClipModel

/// Bytes a second.
struct ByteRate: Hashable, Sendable {
    var bytesPerSecond: Int64

    /// Reads `100kB/s`; nil for anything else, or nothing at all a second.
    init?(parsing text: String) {
        guard text.hasSuffix("/s"), let amount = ByteCount(parsing: text.dropLast(2)), amount.bytes > 0 else {
            return nil
        }
        bytesPerSecond = amount.bytes
    }
}
