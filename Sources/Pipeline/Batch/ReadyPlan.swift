import ClipModel
import SystemIO

/// What a run of a pipeline with `manifests` will do: submit clips whose manifests were made elsewhere.
public struct ReadyPlan: Sendable {
    public var pipeline: PipelineFile
    /// In the order of the clips' names.
    public var manifests: [StoredManifest]
    /// Only some of the pipeline's clips are wanted.
    public let isPart: Bool
    public let missing: MissingFiles

    /// Finds and reads the manifests.
    ///
    /// - Parameters:
    ///   - only: Names of the clips to take; empty for all.
    ///   - followsLinks: Files may be outside of the folders that they should be in.
    /// - Throws: `PlanError`, or `ManifestError` for the first manifest that can't be used.
    public init(_ pipeline: PipelineFile, only: [String] = [], followsLinks: Bool = false) throws {
        let found = Discovery(pipeline.manifests)
        guard !found.files.isEmpty else { throw PlanError.noClips(patterns: pipeline.manifests, found.missing(.fail)) }
        missing = found.missing(pipeline.onMissing, isPart: !only.isEmpty)
        var all: [StoredManifest] = []
        for (path, _) in found.files {
            all.append(try StoredManifest(reading: path, clips: pipeline.clipsFolder, followsLinks: followsLinks))
        }
        let names = all.map(\.manifest.clip)
        for name in only where !names.contains(name) {
            throw PlanError.noSuchClip(
                name, closest: Suggestion.closest(to: name, among: names), found.missing(.fail))
        }
        if !only.isEmpty { all = all.filter { only.contains($0.manifest.clip) } }
        self.pipeline = pipeline
        isPart = !only.isEmpty
        manifests = all.sorted { $0.path < $1.path }.sorted { $0.manifest.clip.comesBefore($1.manifest.clip) }
    }
}

extension ReadyPlan {
    /// What a run would do, a line a clip; reads the journal, and writes nothing.
    public func forecast() throws(PlanError) -> String {
        let known = try KnownClips(of: pipeline)
        let rows = known.map { BatchRows(known: $0, observer: Unobserved()) }
        var done = 0
        let lines = manifests.map { stored in
            if let row = rows?.rowIfFinal(stored, pipeline.submit) {
                done += 1
                return row.sentence(Path.shown(stored.path))
            }
            return "\(stored.manifest.clip): \(Path.shown(stored.path)), \(Path.shown(stored.file))"
        }
        let goal = pipeline.submit.waitFor == .uploaded ? "until the service has every byte" : "until published"
        let count = "\(manifests.count) clip\(manifests.count == 1 ? "" : "s")"
        let all = BatchPlan.goal("submit and watch \(goal)", of: manifests.count, done: done)
        return (lines + ["\(count): \(all)"]).joined(separator: "\n")
    }
}
