public import ClipModel
import SystemIO

/// The files that patterns match, and what could not be looked at.
public struct Discovery {
    /// With the folder that the search started from; a file that several patterns match is there once.
    private(set) var files: [(path: String, base: String)] = []
    /// Patterns that match nothing, and places that could not be looked at: something that was asked for may be missing.
    private(set) var problems: [BatchReport.Missing] = []
    /// One of them may be gone later.
    private(set) var isTemporary = false

    /// The reason for a pattern that matches nothing where it looks.
    public static let noMatch = "no file matches it"

    /// - Parameter patterns: Absolute.
    init(_ patterns: [String]) {
        var seen: Set<ExactPath> = []
        for pattern in patterns {
            let base = Glob.base(of: pattern)
            let matches = Glob.matches(pattern)
            for path in matches.files where seen.insert(ExactPath(path)).inserted {
                files.append((path, base))
            }
            for error in matches.errors where !problems.contains(where: { $0.path == error.path }) {
                problems.append(.init(path: error.path, reason: "can't \(error.operation) it: \(error.reason)"))
                isTemporary = isTemporary || error.isTemporary
            }
            guard matches.files.isEmpty, matches.errors.isEmpty else { continue }
            // Only for the words: what can't be looked at is among the errors.
            let isThere = (try? FileIdentity(of: base)) != nil
            let hint = isThere ? Glob.hint(pattern).map { "\(Self.noMatch); \($0)" } : nil
            let reason = isThere ? hint ?? Self.noMatch : "there is no folder \(Path.shown(base))"
            problems.append(.init(path: pattern, reason: reason))
        }
    }
}

extension Discovery {
    func missing(_ onMissing: OnMissing, isPart: Bool = false) -> MissingFiles {
        MissingFiles(problems, onMissing, isPart: isPart, isTemporary: isTemporary)
    }
}

/// What a run was to look at, and could not.
public struct MissingFiles: Hashable, Sendable {
    /// By absolute paths; none where that is to be ignored.
    public let all: [BatchReport.Missing]
    /// The run does not end with success.
    public let fails: Bool
    /// Some of it may be there later.
    public let isTemporary: Bool

    static let none = MissingFiles([], .ignore, isPart: false, isTemporary: false)

    /// - Parameters:
    ///   - isPart: Only some clips are wanted, and those are there.
    ///   - certain: What is missing whatever the pipeline says of that.
    init(
        _ problems: [BatchReport.Missing], _ onMissing: OnMissing, certain: [BatchReport.Missing] = [], isPart: Bool,
        isTemporary: Bool
    ) {
        all = (onMissing == .ignore ? [] : problems) + certain
        fails = !isPart && (onMissing == .fail && !problems.isEmpty || !certain.isEmpty)
        self.isTemporary = isTemporary && fails
    }
}

/// What becomes of a run when files may be missing.
public enum OnMissing: String, Encodable, Hashable, Sendable, CaseIterable {
    /// The run does what it can, and does not end with success.
    case fail
    /// The run says so, and that is all.
    case warn
    /// Nothing is said.
    case ignore
}
