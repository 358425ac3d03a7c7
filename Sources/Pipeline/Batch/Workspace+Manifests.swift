import ClipModel
import Journal
import SystemIO

extension Workspace {
    /// Submits a clip by its manifest.
    ///
    /// - Parameters:
    ///   - clip: Its name in this output folder.
    ///   - bounds: Where a manifest from elsewhere may name files.
    ///   - prepared: What is known of the file from when the manifest was made; nil if that was elsewhere.
    func submit(
        _ manifest: Manifest, named clip: String, at path: String, file: String,
        bounds: StoredManifest.Bounds? = nil, prepared: PreparedRecord?, by submission: Submission,
        _ reading: BlockingPool
    ) async -> Submission.Outcome {
        let record = manifest.key.flatMap { known.submitted[$0] }
        do throws(ClipFailure) {
            let stamp = prepared?.stamp.flatMap { $0.content == manifest.contentDigest ? $0.file : nil }
            let contents = try ClipContents(
                manifest, named: clip, file: file, stamp: stamp, folder: Path.parent(of: path), bounds: bounds,
                reading: reading)
            return await submission.submit(
                contents, record: record, unanswered: manifest.key.flatMap { unanswered[$0] },
                superseding: await superseded(by: manifest, named: clip))
        } catch {
            return Submission.Outcome(record: record, failure: error)
        }
    }

    /// Keeps by which manifest a clip is about to be submitted. It only tells later whose an upload was, so a journal
    /// that can't be written is no failure here.
    func keep(_ manifest: Manifest, at path: String, file: String) async {
        guard let key = manifest.key else { return }
        try? await journal.submits(key, by: ManifestLocation(path: known.relative(path), file: known.relative(file)))
    }

    /// Unfinished uploads of what a clip was before it was changed: of its name, by manifests that all are there and of
    /// another clip by now. One that is gone may come back with its disk.
    func superseded(by manifest: Manifest, named clip: String) async -> [ClipRecord] {
        var found: [ClipRecord] = []
        for record in unfinished[clip] ?? [] where record.key != manifest.key {
            let findings = await findings(record.key)
            if !findings.isEmpty, findings.allSatisfy({ $0 == .another }) { found.append(record) }
        }
        return found
    }

    /// Whether a run can go on with an upload: a manifest is of this clip, and its MP4 is where it was. True where that
    /// is not known.
    func isWanted(_ key: String) async -> Bool {
        let findings = await findings(key)
        return findings.isEmpty ? known.submitted[key] != nil : findings.contains(.this)
    }

    /// What a place says about a clip that was to be submitted from there.
    private enum Finding {
        /// It can be, as far as that is known.
        case this
        /// The manifest is another clip's.
        case another
        /// The manifest is not there, or its MP4.
        case gone
    }

    /// From every place that is known of a clip.
    private func findings(_ key: String) async -> [Finding] {
        guard let submitted = try? await journal.manifests(of: key) else { return [.this] }
        let made = known.prepared.values.filter { $0.key == key }
            .map { ManifestLocation(path: known.relative(output.manifest(of: $0.clip)), file: $0.file) }
        return (submitted + made).map { finding(key, at: $0) }
    }

    private func finding(_ key: String, at place: ManifestLocation) -> Finding {
        do {
            let path = Path.resolve(place.path, below: output.path)
            let manifest = try ManifestFile.read(path)
            guard manifest.key == key else { return .another }
            let file =
                place.file.map(known.file)
                ?? Path.resolve(manifest.file.path, below: Path.parent(of: path))
            return try FileIdentity(of: file).size == manifest.file.size ? .this : .gone
        } catch ManifestError.file(let error) {
            return Self.isGone(error) ? .gone : .this
        } catch {
            return (error as? FileError).map(Self.isGone) == true ? .gone : .this
        }
    }

    /// Whether it is the file that is missing: a folder that is not there either may come back with its disk.
    private static func isGone(_ error: FileError) -> Bool {
        error.isNotFound && (try? FileIdentity(of: Path.parent(of: error.path))) != nil
    }
}

extension PreparedRecord {
    /// Nil for a file that is known to be bad.
    fileprivate var key: String? {
        if case .ready(let key, _) = outcome { key } else { nil }
    }
}
