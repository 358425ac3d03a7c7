import ClipModel
import FoundationEssentials
import Support
import SystemIO

/// What of a plan was handed to Slurm.
public struct SlurmJobs: Codable, Hashable, Sendable {
    /// In the order in which they were handed over.
    public var sent: [Sent] = []

    /// The jobs of one time, by the numbers that Slurm gave them.
    public struct Sent: Codable, Hashable, Sendable {
        /// Nil where no shard was left.
        public var prepare: String?
        public var merge: String
        /// Nil where nothing is to be submitted after the merging.
        public var submit: String?

        public init(prepare: String?, merge: String, submit: String?) {
            (self.prepare, self.merge, self.submit) = (prepare, merge, submit)
        }
    }

    private static func path(in output: OutputFolder) -> String { "\(output.shards)/slurm/jobs.json" }

    /// What was handed over so far.
    ///
    /// - Throws: `FileError`, or `ShardError.malformedJobs` for a file that is not what was written.
    public init(in output: OutputFolder) throws {
        let path = Self.path(in: output)
        let text: [UInt8]
        do throws(FileError) {
            text = try OpenFile(path).contents(atMost: 1 << 20)
        } catch {
            guard error.isNotFound else { throw error }
            return
        }
        // Where in it the mistake is helps nobody: it is written by programs only.
        guard let jobs = try? StrictJSON.decode(SlurmJobs.self, from: Data(text)) else {
            throw ShardError.malformedJobs(path: path)
        }
        self = jobs
    }

    public func write(in output: OutputFolder) throws {
        try DurableFile.write(CanonicalJSON.document(self), to: Self.path(in: output))
    }
}
