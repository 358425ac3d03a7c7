public import FoundationEssentials

/// How calls are tried again and paced, and with which clocks.
public struct ServiceSettings: Sendable {
    /// How long to go on trying.
    public var backOff = BackOff.Policy()
    /// Services without an entry are not paced. Reading statistics: the published limits.
    public var limits: [Service: RateLimits] = [.statistics: RateLimits(burst: 100, sustain: 300)]
    /// For waiting.
    public var clock: any Clock<Duration> = ContinuousClock()
    /// For `Retry-After` as a date.
    public var wallClock: @Sendable () -> Date = { Date() }
    /// For the jitter.
    public var random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()

    /// The defaults.
    public init() {}
}
