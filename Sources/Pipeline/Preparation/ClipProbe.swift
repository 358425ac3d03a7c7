public import ClipModel
public import MediaWorker
import SystemIO

/// What `probe` says of one file.
public struct ClipProbe: Codable, Hashable, Sendable {
    /// As it was named.
    public var file: String
    public var durationInSeconds: UInt32?
    /// Bytes.
    public var fileSize: Int64?
    public var expectedBlocks: Int?
    public var media: MediaFacts?
    public var warnings: [String]?
    /// Instead of all of these.
    public var error: Refusal?
    /// The error may pass by itself; the exit code of a command says so, not its results.
    public private(set) var isTemporary = false

    private enum CodingKeys: String, CodingKey {
        case file, durationInSeconds, fileSize, expectedBlocks, media, warnings, error
    }

    /// Why a file can't be a clip.
    public struct Refusal: Codable, Hashable, Sendable {
        /// One word for programs.
        public var kind: String
        /// One sentence for people.
        public var message: String
    }

    /// Has a worker look at a file; decodes nothing that isn't needed.
    ///
    /// - Parameter hashesVideo: All of the coded video is read and hashed, too.
    public init(
        of file: String, by media: MediaWorkerPool, hashesVideo: Bool = false,
        blockSize: ByteCount = BlockPlan.largestBlock
    ) async {
        self.file = file
        do {
            let opened = try OpenFile(file)
            let size = try opened.identity().size
            let answer = try await media.examine(opened, MediaRequest(hashesVideo: hashesVideo))
            let plan = try BlockPlan(fileSize: ByteCount(size), blockSize: blockSize)
            durationInSeconds = answer.facts.durationInSeconds
            fileSize = size
            expectedBlocks = plan.count
            self.media = answer.facts
            warnings = answer.warnings
        } catch {
            isTemporary = ClipFailure.mayPass(error)
            self.error =
                switch error {
                case let error as MediaError: Refusal(kind: error.kind.rawValue, message: error.message)
                case let error as FileError: Refusal(kind: "unreadable", message: error.reason)
                default: Refusal(kind: "size", message: "\(error)")
                }
        }
    }
}
