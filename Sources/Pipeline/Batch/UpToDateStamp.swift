import ClipModel
import FoundationEssentials
public import MediaWorker
import SystemIO

/// Recognises a batch in which nothing at all has changed since a run that left nothing to do, and knows what that run
/// would say again. Each input is looked at once; no plan is made, and the journal is not opened.
///
/// It is a shortcut and no record: a run that finds it broken looks at each clip by itself. A run breaks it before it
/// does anything, and makes a new one when nothing is left to do.
public struct UpToDateStamp: Sendable {
    private let output: OutputFolder
    /// Of everything that a run depends on, as it was when this was made.
    let inputs: SHA256Digest
    private let hasPage: Bool
    /// The folders of many sessions that have clips; none where there is one.
    private let sessions: [OutputFolder]

    /// What a run prints at its end.
    public struct Words: Hashable, Sendable {
        /// For standard output, without the last line's end.
        public var output: String
        /// Lines for standard error.
        public var messages: [String]
        public var exitCode: Int32

        public init(output: String, messages: [String], exitCode: Int32) {
            self.output = output
            self.messages = messages
            self.exitCode = exitCode
        }
    }

    /// Changes with what a seal says or covers.
    private static let format = "clipship-seal/5"

    /// Looks at every input of a run (`stat`); nil if one can't be looked at.
    ///
    /// - Parameters:
    ///   - only, root: As for `BatchPlan`.
    ///   - style: Whatever else the words depend on, such as colours and the program's version.
    ///   - media: What looks at media here, for a clip that it refused is looked at again by another.
    public init?(
        _ pipeline: PipelineFile, only: [String], root: String, style: String, media: MediaInstallation = .current
    ) {
        // Statistics and servers are asked for, or not, for reasons of their own; of blocks, each clip has a folder.
        guard !pipeline.submit.recreates, !pipeline.submit.checksPublished, !pipeline.retriesRefusals,
            !pipeline.blocks.write, pipeline.sessions == nil || only.isEmpty,
            pipeline.statistics == nil, pipeline.compute == nil,
            let options = OptionDigest.of(pipeline), var summing = Summing()
        else { return nil }
        output = OutputFolder(pipeline.output)
        hasPage = pipeline.report != .none
        for text in [Self.format, style, Path.absolute("."), root, options.description, media.identity] + only {
            summing.add(text)
        }
        var neighbours = SidecarNames()
        var found: [OutputFolder] = []
        if let sessions = pipeline.sessions {
            // What is missing or wrong is told of in each run.
            guard sessions.problems.isEmpty || pipeline.onMissing == .ignore else { return nil }
            for session in sessions.sessions {
                guard session.mistakes.isEmpty, summing.add(identityOf: session.file) else { return nil }
            }
        }
        for own in pipeline.perSession {
            var hasClips = false
            for pattern in own.clips {
                let matches = Glob.matches(pattern)
                guard matches.errors.isEmpty, !matches.files.isEmpty || pipeline.onMissing == .ignore
                else { return nil }
                hasClips = hasClips || !matches.files.isEmpty
                for file in matches.files {
                    guard summing.add(identityOf: file) else { return nil }
                    for sidecar in neighbours.sidecars(beside: file) {
                        guard summing.add(identityOf: sidecar) else { return nil }
                    }
                }
                summing.add("")
            }
            if pipeline.sessions != nil, hasClips { found.append(OutputFolder(own.output)) }
        }
        sessions = found
        guard let sum = summing.finished() else { return nil }
        inputs = sum
    }

    /// Bytes that are read of a seal: more than the table of half a million clips has.
    private static let largest: Int64 = 1 << 26

    /// What the run would say; nil if it is to be run.
    public func words() -> Words? {
        // Without a seal that can be read each clip is looked at.
        guard let bytes = try? OpenFile(output.seal).contents(atMost: Self.largest),
            let end = bytes.firstIndex(of: Self.newline),
            case let text = String(decoding: bytes[bytes.index(after: end)...], as: UTF8.self),
            let sum = sum(of: text), String(decoding: bytes[..<end], as: UTF8.self) == sum.description
        else { return nil }
        let head = text.utf8.split(separator: Self.newline, maxSplits: 2, omittingEmptySubsequences: false)
        guard head.count == 3, let code = Int32(String(head[0]) ?? ""), let count = Int(String(head[1]) ?? "") else {
            return nil
        }
        let lines = head[2].split(separator: Self.newline, maxSplits: max(0, count), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        guard lines.count == count + 1 else { return nil }
        return Words(output: lines[count], messages: Array(lines[..<count]), exitCode: code)
    }

    /// Keeps what the next run will say if nothing changes, after a run that left nothing to do. Only saves time, so
    /// nothing is said where it can't be written.
    public func keep(_ words: Words) {
        let messages = words.messages.map { $0.replacing("\n", with: " ") }
        let text = (["\(words.exitCode)", "\(messages.count)"] + messages + [words.output]).joined(separator: "\n")
        guard let sum = sum(of: text) else { return }
        // The next run looks at each clip then.
        try? DurableFile.write(Data("\(sum)\n\(text)".utf8), to: output.seal)
    }

    /// The next run is to look at each clip.
    static func breakSeal(of output: OutputFolder) {
        // One that can't be removed does not fit any more once something was done.
        try? Folder.removeFile(output.seal)
    }

    /// Of the inputs as they were, and of what has been made of them as it is, each manifest and thumbnail by itself; and
    /// of the words that go with it. Nil if something of it is not there.
    private func sum(of words: String) -> SHA256Digest? {
        guard var summing = Summing() else { return nil }
        summing.add(inputs.description)
        summing.add(words)
        // Of the journal, too: a run that says that nothing has changed does not open it.
        let page = hasPage ? [output.page] : []
        let places = sessions.isEmpty ? [output] : sessions
        let made = places.flatMap { [$0.report, $0.manifests, $0.thumbnails] }
        for path in [output.journal, output.report] + made + page {
            guard summing.add(identityOf: path) else { return nil }
        }
        for folder in places.flatMap({ [$0.manifests, $0.thumbnails] }) {
            guard summing.add(identitiesIn: folder) else { return nil }
        }
        return summing.finished()
    }

    private static let newline = UInt8(ascii: "\n")
}

/// A digest over texts and the identities of files.
private struct Summing: ~Copyable {
    private var hasher: SHA256Hasher
    private var buffer: [UInt8] = []

    init?() {
        // Nil says that there is no digest: each clip is looked at then.
        guard let hasher = try? SHA256Hasher() else { return nil }
        self.hasher = hasher
        buffer.reserveCapacity(Self.size + 4096)
    }

    private static let size = 1 << 15

    mutating func add(_ text: String) {
        buffer.append(contentsOf: text.utf8)
        // No text contains it, so it keeps apart what would read alike in a row.
        buffer.append(0)
        if buffer.count >= Self.size { flush() }
    }

    /// False if there is no such file.
    mutating func add(identityOf path: String) -> Bool {
        // A run looks at each clip by itself then, and tells of what it can't look at.
        guard let identity = try? FileIdentity(of: path) else { return false }
        add(path)
        add(identity)
        return true
    }

    /// False if the folder, or something in it, can't be looked at.
    mutating func add(identitiesIn folder: String) -> Bool {
        add(folder)
        do throws(FileError) {
            try Folder.forEach(in: folder) { name, identity in
                buffer.append(contentsOf: name)
                buffer.append(0)
                add(identity)
            }
            return true
        } catch {
            return false
        }
    }

    private mutating func add(_ identity: FileIdentity) {
        for number in [Int64(bitPattern: identity.inode), identity.size, identity.modified, identity.changed] {
            withUnsafeBytes(of: number) { buffer.append(contentsOf: $0) }
        }
        if buffer.count >= Self.size { flush() }
    }

    private var hasFailed = false

    private mutating func flush() {
        var bytes: [UInt8] = []
        swap(&bytes, &buffer)
        do throws(DigestError) {
            try hasher.update(bytes.span.bytes)
        } catch {
            hasFailed = true
        }
        bytes.removeAll(keepingCapacity: true)
        swap(&bytes, &buffer)
    }

    consuming func finished() -> SHA256Digest? {
        flush()
        // As above.
        return hasFailed ? nil : try? hasher.finish()
    }
}
