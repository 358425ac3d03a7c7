/// What came of one of the pipeline's checks.
public struct CheckResult: Codable, Hashable, Sendable {
    /// As the pipeline file calls it: `minWidth`, `frameRate.min`, ...
    public var check: String
    public var level: CheckLevel
    public var passed: Bool
    /// One sentence about what was found and what was wanted, for a check that isn't met.
    public var reason: String?

    public init(_ check: String, _ level: CheckLevel, reason: String?) {
        self.check = check
        self.level = level
        passed = reason == nil
        self.reason = reason
    }
}

/// What happens when a check isn't met.
public enum CheckLevel: String, Codable, Hashable, Sendable, CaseIterable {
    /// It is said.
    case warn
    /// The clip fails.
    case fail
}
