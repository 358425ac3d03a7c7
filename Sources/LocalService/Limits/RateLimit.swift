/// How many requests a user may make with a title in each of two windows.
public struct RateLimit: Hashable, Sendable {
    /// In 15 seconds.
    public var burst: Int
    /// In 300 seconds.
    public var sustain: Int

    public init(burst: Int, sustain: Int) {
        self.burst = burst
        self.sustain = sustain
    }

    /// What has a limit of its own.
    public enum Service: String, Hashable, Sendable, CaseIterable {
        /// All `/users/...` calls.
        case metadata
        /// Upload and download URIs.
        case transfer
        /// `POST /batch`.
        case statistics
        /// Game server management.
        case compute
    }

    /// The published limit of reading statistics.
    public static let publishedForStatistics = RateLimit(burst: 100, sustain: 300)
}

extension RateLimit {
    /// What `init(parsing:)` takes, for messages.
    package static let expected = "BURST/SUSTAIN, requests in 15 s and in 300 s, such as 30/300"

    /// Reads `30/300`.
    package init?(parsing text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let burst = parts[0], let sustain = parts[1], burst > 0, sustain > 0 else {
            return nil
        }
        self.init(burst: burst, sustain: sustain)
    }
}
