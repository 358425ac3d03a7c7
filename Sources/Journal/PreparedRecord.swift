public import ClipModel

/// What came of preparing one input file, so that an unchanged one is not looked at again.
public struct PreparedRecord: Hashable, Sendable {
    /// Relative to the output folder.
    public var file: String
    /// Inode, size and times of the file as it was read.
    public var identity: String
    /// What the file has for as long as nobody has written to it since then, and what the manifest says of its bytes; nil
    /// if that isn't known.
    public var stamp: Stamp?
    /// A digest of everything else that the result depends on.
    public var options: String
    /// The clip's name in the output folder.
    public var clip: String
    public var outcome: Outcome
    /// What is submitted by the manifest; nil in a row from before that was kept, and for a file that is bad.
    public var digests: SubmissionDigests?
    /// What was written of the clip; nil as above, and where that isn't known.
    public var files: Files?

    public enum Outcome: Hashable, Sendable {
        /// A manifest was written; the clip's key and what a table shows of it.
        case ready(key: String, ClipSummary)
        /// The file is known to be bad, and why.
        case refused(reason: String)
    }

    public init(
        file: String, identity: String, stamp: Stamp? = nil, options: String, clip: String, outcome: Outcome,
        digests: SubmissionDigests? = nil, files: Files? = nil
    ) {
        self.file = file
        self.identity = identity
        self.stamp = stamp
        self.options = options
        self.clip = clip
        self.outcome = outcome
        self.digests = digests
        self.files = files
    }

    /// The files that were made of a clip.
    public struct Files: Hashable, Sendable {
        /// Inode, size and times of each as it was written.
        public var identities: String
        /// A digest of the manifest's bytes.
        public var manifest: String

        public init(identities: String, manifest: String) {
            self.identities = identities
            self.manifest = manifest
        }
    }

    public struct Stamp: Hashable, Sendable {
        public var file: String
        /// A digest of all digests in the manifest.
        public var content: String

        public init(file: String, content: String) {
            self.file = file
            self.content = content
        }
    }
}

/// What a table shows of a clip.
public struct ClipSummary: Hashable, Sendable {
    public var durationSeconds: Double
    public var size: ByteCount
    public var blockCount: Int

    public init(durationSeconds: Double, size: ByteCount, blockCount: Int) {
        self.durationSeconds = durationSeconds
        self.size = size
        self.blockCount = blockCount
    }
}
