/// What a worker may take for one file, beside the seconds that the request names.
public struct WorkerLimits: Hashable, Sendable {
    /// Bytes of memory, beside what the program itself takes; 1 GiB.
    public var memory: Int64 = 1 << 30
    /// How long it may show no progress; 10 s.
    public var silence: Duration = .seconds(10)
    /// How long it may take to start; 20 s, for a machine under load.
    public var start: Duration = .seconds(20)

    /// The defaults.
    public init() {}
}
