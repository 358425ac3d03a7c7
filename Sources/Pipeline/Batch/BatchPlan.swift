import ClipModel
public import ConfigFiles
import Journal
import MediaWorker
import SystemIO

/// What a run will do: every clip with all its options. Made before anything is done, from files that have no mistake.
public struct BatchPlan: Sendable {
    public var pipeline: PipelineFile
    var clips: [PlannedClip]
    public let missing: MissingFiles
    /// Only some of the pipeline's clips are wanted.
    let isPart: Bool

    /// How many clips there are.
    public var count: Int { clips.count }
}

/// One clip of a plan. Shared rather than copied: it has some thirty members, and there may be many thousands of it.
final class PlannedClip: Sendable {
    let file: ClipFile
    let options: ClipOptions
    let fingerprint: ClipFingerprint
    /// What its sidecar sets; kept only where statistics are still to be filled in.
    let own: RequestMembers?

    init(file: ClipFile, options: ClipOptions, fingerprint: ClipFingerprint, own: RequestMembers?) {
        self.file = file
        self.options = options
        self.fingerprint = fingerprint
        self.own = own
    }
}

/// Why there is nothing to do.
public enum PlanError: Error, Sendable {
    /// The journal, which knows what clips were called before, can't be read.
    case journal(path: String, any Error)
    case configuration(ConfigurationError)
    /// No file matched any of the patterns.
    case noClips(patterns: [String], MissingFiles)
    /// No clip has the name that `--only` asked for; the name that is closest.
    case noSuchClip(String, closest: String?, MissingFiles)
}

extension BatchPlan {
    /// Finds the clips and reads their sidecars.
    ///
    /// - Parameters:
    ///   - only: Names (in the output folder) of the clips to take; empty for all.
    ///   - root: The folder that names of clips must not depend on: where the pipeline file is.
    /// - Throws: every mistake in every sidecar at once.
    public init(_ pipeline: PipelineFile, only: [String] = [], root: String) throws(PlanError) {
        let found = Discovery(pipeline.clips)
        guard !found.files.isEmpty else { throw .noClips(patterns: pipeline.clips, found.missing(.fail)) }
        var files = ClipFile.named(found.files, root: root, known: try Self.names(in: OutputFolder(pipeline.output)))
        missing = found.missing(pipeline.onMissing, isPart: !only.isEmpty)
        if !only.isEmpty {
            for name in only where !files.contains(where: { $0.name == name }) {
                throw .noSuchClip(
                    name, closest: Suggestion.closest(to: name, among: files.map(\.name)), found.missing(.fail))
            }
            files = files.filter { only.contains($0.name) }
        }

        var diagnostics: [Diagnostic] = []
        var clips: [PlannedClip] = []
        var neighbours = SidecarNames()
        var fingerprints = OptionFingerprints()
        let media = MediaInstallation.current
        let manifestFolder = OutputFolder(pipeline.output).manifests
        let statistics = StatisticValues(pipeline, found: nil)
        for var file in files {
            let sidecars = neighbours.sidecars(beside: file.path)
            if sidecars.count > 1 {
                let message = "there is also \(Path.name(of: sidecars[0])); keep one of them"
                diagnostics.append(
                    Diagnostic(place: .init(file: Path.shown(sidecars[1]), mark: .start), message: message))
            }
            file.sidecar = sidecars.first
            let own = sidecars.first.map {
                Sidecar.read($0, shownAs: Path.shown($0), diagnostics: &diagnostics)
            }
            do throws(ConfigurationError) {
                let own = own ?? RequestMembers()
                let options = try ClipOptions(
                    clip: file, own: own, pipeline: pipeline, manifestFolder: manifestFolder, statistics: statistics)
                let fingerprint = ClipFingerprint(
                    options: fingerprints.fingerprint(of: options), media: media,
                    retriesRefusals: pipeline.retriesRefusals)
                clips.append(
                    PlannedClip(
                        file: file, options: options, fingerprint: fingerprint,
                        own: pipeline.statistics == nil ? nil : own))
            } catch {
                diagnostics += error.diagnostics
            }
        }
        // A mistake in the pipeline file is the same for every clip.
        var seen: Set<Diagnostic> = []
        let unique = diagnostics.filter { seen.insert($0).inserted }
        guard unique.isEmpty else { throw .configuration(ConfigurationError(diagnostics: unique)) }
        self.pipeline = pipeline
        self.clips = clips
        isPart = !only.isEmpty
    }
}

extension BatchPlan {
    /// What files were called in earlier runs, by their absolute paths.
    private static func names(in output: OutputFolder) throws(PlanError) -> [String: String] {
        let names: [String: String]
        do {
            names = try JournalOverview.names(path: output.journal)
        } catch {
            // Without them a clip could get another name, and be published again.
            throw .journal(path: output.journal, error)
        }
        return Dictionary(
            names.map { (Path.resolve($0.key, below: output.path), $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The plan with the statistics in captions and title data.
    ///
    /// - Throws: what `init` would have thrown already.
    func filled(with statistics: [PlayerStatistic]) throws(ConfigurationError) -> BatchPlan {
        var plan = self
        var fingerprints = OptionFingerprints()
        let manifestFolder = OutputFolder(pipeline.output).manifests
        let values = StatisticValues(pipeline, found: statistics)
        plan.clips = []
        for clip in clips {
            let options = try ClipOptions(
                clip: clip.file, own: clip.own ?? RequestMembers(), pipeline: pipeline, manifestFolder: manifestFolder,
                statistics: values)
            let fingerprint = ClipFingerprint(
                options: fingerprints.fingerprint(of: options), media: clip.fingerprint.media,
                retriesRefusals: pipeline.retriesRefusals)
            plan.clips.append(
                PlannedClip(file: clip.file, options: options, fingerprint: fingerprint, own: clip.own))
        }
        return plan
    }
}

extension BatchPlan: CustomStringConvertible {
    /// What would be done, a line a clip.
    public var description: String {
        let lines = clips.map { clip in
            let options = clip.options
            let picture =
                "\(options.request.thumbnailSource ?? .default) at \(options.thumbnails.offsetMilliseconds) ms"
            let caption = options.request.userCaption.map { ", \"\($0)\"" } ?? ""
            return "\(clip.file.name): \(Path.shown(clip.file.path)), thumbnails \(picture)\(caption)"
        }
        let goal =
            switch pipeline.submit.waitFor {
            case .nothing: "write manifests; submit nothing"
            case .uploaded: "submit and wait until the service has every byte"
            case .published: "submit and wait until published"
            }
        return (lines + ["\(clips.count) clips to \(Path.shown(pipeline.output)): \(goal)"]).joined(separator: "\n")
    }
}
