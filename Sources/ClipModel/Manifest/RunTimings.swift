/// `timings.json`: where the time of the last run went that did anything. Nothing but reports depends on it.
public struct RunTimings: Codable, Hashable, Sendable {
    public static let currentFormat = "clipship-timings/1"

    public var format: String
    /// When the run began and ended.
    public var began: Timestamp
    public var ended: Timestamp
    /// Attempts at requests to the services, and how many of them were not the first.
    public var requests: Int
    public var retries: Int
    /// Bytes that the service acknowledged in each interval from the beginning, all clips together.
    public var upload: Upload
    /// In the order of their names; only those for which something was done.
    public var clips: [Clip]

    public init(
        began: Timestamp, ended: Timestamp, requests: Int, retries: Int, upload: Upload, clips: [Clip]
    ) {
        format = Self.currentFormat
        self.began = began
        self.ended = ended
        self.requests = requests
        self.retries = retries
        self.upload = upload
        self.clips = clips
    }

    /// Acknowledged bytes over time.
    public struct Upload: Codable, Hashable, Sendable {
        /// At least 1.
        public var intervalSeconds: Int
        public var bytes: [Int64]

        public init(intervalSeconds: Int, bytes: [Int64]) {
            self.intervalSeconds = intervalSeconds
            self.bytes = bytes
        }
    }

    /// What one clip went through.
    public struct Clip: Codable, Hashable, Sendable {
        public var clip: String
        public var stages: [Stage]

        public init(clip: String, stages: [Stage]) {
            self.clip = clip
            self.stages = stages
        }
    }

    /// A time that a clip spent in one stage.
    public struct Stage: Codable, Hashable, Sendable {
        public var stage: String
        /// Milliseconds from the beginning of the run.
        public var from: Int64
        public var to: Int64

        public init(stage: String, from: Int64, to: Int64) {
            self.stage = stage
            self.from = from
            self.to = to
        }
    }

    /// Seconds that all clips together spent in each stage.
    public var secondsByStage: [String: Double] {
        var milliseconds: [String: Int64] = [:]
        for stage in clips.flatMap(\.stages) {
            let (sum, overflow) = milliseconds[stage.stage, default: 0].addingReportingOverflow(stage.milliseconds)
            milliseconds[stage.stage] = overflow ? .max : sum
        }
        return milliseconds.mapValues { Double($0) / 1_000 }
    }
}

extension RunTimings.Stage {
    /// At least 0, whatever a file says.
    public var milliseconds: Int64 {
        let (difference, overflow) = to.subtractingReportingOverflow(from)
        return overflow ? 0 : max(0, difference)
    }
}
