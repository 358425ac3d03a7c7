public import ClipModel
import Journal
public import SystemIO
public import XboxServices

/// Submits manifests that were made before, perhaps elsewhere.
public struct ManifestSubmitter: Sendable {
    let manifests: [StoredManifest]
    let output: OutputFolder
    let target: ServiceTarget
    let options: SubmitOptions
    /// The pipeline that this is a run of; nil for a submission by hand.
    let pipeline: PipelineFile?
    /// There may be more clips in the output folder than these.
    let isPart: Bool
    let missing: MissingFiles
    let stop: StopSignal
    let observer: any BatchObserver
    let requests: (any RequestObserver)?
    private let recorder: RunRecorder

    /// - Parameters:
    ///   - output: Where the journal and `batch.json` are.
    ///   - pipeline: Says whether a server instance is wanted; nil for a submission by hand.
    ///   - isPart: There may be more clips in the output folder: what `batch.json` says of them stays.
    ///   - missing: What the run was to look at, and could not; nil: nothing of the kind.
    public init(
        _ manifests: [StoredManifest], output: OutputFolder, target: ServiceTarget, options: SubmitOptions,
        pipeline: PipelineFile? = nil, isPart: Bool = true, missing: MissingFiles? = nil, stop: StopSignal,
        observer: any BatchObserver,
        requests: (any RequestObserver)? = nil
    ) {
        self.manifests = manifests
        self.output = output
        self.target = target
        self.options = options
        self.pipeline = pipeline
        self.isPart = isPart
        self.missing = missing ?? .none
        self.stop = stop
        recorder = RunRecorder(observer, requests)
        self.observer = recorder
        self.requests = recorder
    }

    /// Submits every clip and writes `batch.json`.
    public func run() async throws(RunError) -> BatchOutcome {
        let workspace = try await Workspace(output, service: target.name)
        let rows = BatchRows(known: workspace.known, observer: observer)
        let submission = try Submission(
            to: target, journal: workspace.journal, options: options, stop: stop, observer: observer,
            requests: requests)
        let server = ServerGate(
            pipeline?.compute, hook: pipeline?.hooks.afterCompute, folder: pipeline?.folder, in: workspace,
            target: target, stop: stop,
            observer: observer, requests: requests)
        // Before the first of them is submitted, which may have the name of another.
        for stored in manifests { await workspace.keep(stored.manifest, at: stored.path, file: stored.file) }
        let reading = BlockingPool("reading", width: 2)
        // The same clip by several manifests is one clip.
        let first = Dictionary(manifests.enumerated().map { ($1.manifest.key ?? $1.path, $0) }) { first, _ in first }
        let left = manifests.map(\.manifest).filter { manifest in
            manifest.key.flatMap { workspace.known.submitted[$0] }?.state != .published
        }
        observer.observe(
            .planned(
                Dictionary(left.map { ($0.clip, ByteCount($0.file.size)) }) { first, _ in first }, areSubmitted: true))
        let done = await withTaskGroup(of: (Int, BatchOutcome.Row).self) { group in
            for (index, stored) in manifests.enumerated()
            where first[stored.manifest.key ?? stored.path] == index {
                group.addTask { [options] in
                    let manifest = stored.manifest
                    if let row = rows.rowIfFinal(stored, options) { return (index, row) }
                    if let failure = await server?.failure() {
                        let row = rows.row(
                            holdingBack: manifest, named: manifest.clip, at: stored.path, file: stored.file,
                            because: failure)
                        return (index, row)
                    }
                    if !workspace.hasMade(manifest, of: stored.file), let asked = manifest.whatItAsksFor {
                        observer.observe(.warning(clip: manifest.clip, asked))
                    }
                    observer.observe(.stage(clip: manifest.clip, .waiting))
                    let outcome = await workspace.submit(
                        manifest, named: manifest.clip, at: stored.path, file: stored.file, bounds: stored.bounds,
                        prepared: workspace.known.prepared[workspace.known.relative(stored.file)], by: submission,
                        reading)
                    return (
                        index, rows.row(manifest, named: manifest.clip, at: stored.path, file: stored.file, outcome)
                    )
                }
            }
            var done: [Int: BatchOutcome.Row] = [:]
            for await (index, row) in group { done[index] = row }
            return manifests.compactMap { stored in
                first[stored.manifest.key ?? stored.path].flatMap { done[$0] }.map {
                    rows.row($0, by: stored.path, file: stored.file)
                }
            }
        }
        await submission.close()
        let outcome = BatchOutcome(
            pipeline: pipeline?.name ?? "submit", rows: done, timings: recorder.timings(),
            servers: .init(one: await server?.report()), missing: missing, in: workspace)
        return try await workspace.finish(
            outcome, pipeline?.report ?? .automatic, keepsOthers: isPart, telling: observer)
    }
}

/// A manifest, where it is, and where its MP4 is.
public struct StoredManifest: Sendable {
    public var manifest: Manifest
    /// Absolute.
    public var path: String
    /// Absolute.
    public var file: String
    /// Where the files are that it names; nil where links may lead anywhere.
    var bounds: Bounds?

    /// Reads the manifest at `path` and checks it in itself. The MP4 is where the manifest says, or, with `clips`, below
    /// that folder under its own name.
    ///
    /// - Parameter followsLinks: Files may be outside of the folders that they should be in.
    public init(reading path: String, clips: String? = nil, followsLinks: Bool = false) throws(ManifestError) {
        let path = Path.absolute(path)
        let manifest = try ManifestFile.read(path)
        try manifest.checkKey(at: path)
        let folder = Path.parent(of: path)
        file =
            clips.map { Path.resolve(Path.name(of: manifest.file.path), below: Path.absolute($0)) }
            ?? Path.resolve(manifest.file.path, below: folder)
        self.path = path
        self.manifest = manifest
        guard !followsLinks else { return }
        bounds = Bounds(
            clip: clips.map(Path.absolute) ?? Path.parent(of: file),
            pictures: Path.name(of: folder) == "manifests" ? Path.parent(of: folder) : folder)
    }

    /// The MP4, open; throws where a link leads out of its folder.
    public func openClip() throws(FileError) -> OpenFile { try OpenFile(file, below: bounds?.clip) }

    /// Folders.
    struct Bounds: Hashable, Sendable {
        var clip: String
        var pictures: String
    }
}

extension Workspace {
    /// Whether the manifest says what it said when it was written here.
    fileprivate func hasMade(_ manifest: Manifest, of file: String) -> Bool {
        // Without digests nobody knows, and what it says is told.
        guard let kept = known.prepared[known.relative(file)]?.digests, let digests = try? manifest.submissionDigests()
        else {
            return false
        }
        return kept == digests
    }
}

extension Manifest {
    /// What a manifest from elsewhere asks for that nobody has asked for here; nil for nothing.
    fileprivate var whatItAsksFor: String? {
        guard request.visibility != .default else { return nil }
        return "its manifest, which was not made in this output folder, asks for the visibility "
            + "\(request.visibility.rawValue) in the service configuration \(scid)"
    }

    /// The key is made of other members: one that does not fit belongs to another clip, session or service configuration.
    fileprivate func checkKey(at path: String) throws(ManifestError) {
        guard let key else { return }
        let expected: String
        do throws(DigestError) {
            expected = try ClipKey.of(clip: clip, scid: scid, sessionRef: request.sessionRef, content: file.sha256)
        } catch {
            throw .unchecked(path: path, error)
        }
        guard key == expected else {
            throw .malformed(
                path: path,
                "its key in request.systemProperties is not that of its clip, scid, request.sessionRef and file.sha256: "
                    + "one of them was changed; make it again")
        }
    }
}
