public import FoundationEssentials

/// How calls are authorised, tried again and paced, and with which clocks.
public struct ServiceSettings: Sendable {
    /// How long to go on trying.
    public var backOff = BackOff.Policy()
    /// Services without an entry are not paced.
    public var limits = ServiceSettings.usualLimits
    /// How the token is written; nil for what the token and the service ask for.
    public var authorization: AuthorizationForm?
    /// For waiting.
    public var clock: any Clock<Duration> = ContinuousClock()
    /// For `Retry-After` as a date.
    public var wallClock: @Sendable () -> Date = { Date() }
    /// For the jitter.
    public var random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()

    /// The published limits of reading statistics; nothing is published for GameClips, where they are a guess on the
    /// safe side. Bytes are not paced: blocks are large, and bandwidth limits them.
    public static let usualLimits: [Service: RateLimits] = [.statistics: .published, .metadata: .published]

    /// The defaults.
    public init() {}
}
