/// `batch.json`: every clip of a run with its manifest or the reason why there is none.
public struct BatchReport: Codable, Hashable, Sendable {
    public static let currentFormat = "clipship-batch/1"

    public var format: String
    public var pipeline: String
    public var clips: [Entry]
    /// How many clips ended in each state; every state is present.
    public var totals: [String: Int]
    /// The session's server instance, where the pipeline asks for one.
    public var compute: ServerReport?
    /// What was looked for and not found, or could not be looked at; nil if there was nothing of the kind.
    public var missing: [Missing]?

    public init(pipeline: String, clips: [Entry], compute: ServerReport? = nil, missing: [Missing] = []) {
        format = Self.currentFormat
        self.pipeline = pipeline
        self.clips = clips
        self.compute = compute
        self.missing = missing.isEmpty ? nil : missing
        totals = [:]
        for state in State.allCases {
            totals[state.rawValue] = clips.count { $0.state == state }
        }
    }

    /// This report with what an earlier one of the same folder says of other clips, in the order of their names.
    public func added(to earlier: BatchReport?) -> BatchReport {
        guard let earlier, earlier.format == format else { return self }
        let names = Set(clips.map(\.clip))
        let others = earlier.clips.filter { !names.contains($0.clip) }
        let all = (clips + others).sorted { $0.clip.utf8.lexicographicallyPrecedes($1.clip.utf8) }
        return BatchReport(
            pipeline: others.isEmpty ? pipeline : earlier.pipeline, clips: all, compute: compute ?? earlier.compute,
            missing: missing ?? earlier.missing ?? [])
    }

    /// A pattern that matches nothing, or a file or folder that could not be looked at.
    public struct Missing: Codable, Hashable, Sendable {
        /// Relative to the output folder.
        public var path: String
        /// One sentence.
        public var reason: String

        public init(path: String, reason: String) {
            self.path = path
            self.reason = reason
        }
    }

    /// Where a clip stands at the end of a run.
    public enum State: String, Codable, Hashable, Sendable, CaseIterable {
        case published
        /// The service has every byte; it is not published yet.
        case uploaded
        /// The manifest is written; submission was not asked for or did not get through, be it that some of it is up.
        case ready
        /// Left out with a warning, such as a file that is still being written.
        case skipped
        case failed
    }

    /// One clip.
    public struct Entry: Codable, Hashable, Sendable {
        public var clip: String
        /// The MP4, relative to the output folder.
        public var file: String
        public var state: State
        /// The manifest, relative to the output folder.
        public var manifest: String?
        public var gameClipId: String?
        /// One sentence: why it failed, was skipped, or is not further.
        public var reason: String?
        /// Checks that it did not meet, all of which only warn; nil for none.
        public var checks: [CheckResult]?

        public init(clip: String, file: String, state: State) {
            self.clip = clip
            self.file = file
            self.state = state
        }
    }
}
