import ClipModel
import ConfigFiles
import MediaWorker
import SystemIO

/// Makes plans of the clips that were found: reads their sidecars, and puts together what is said of each.
struct ClipPlanner: Sendable {
    private let pipeline: PipelineFile
    /// The pipeline as it is for each session.
    let sessions: [PipelineFile]
    /// Of each session, without what would have to be asked for.
    private let statistics: [StatisticValues?]
    /// Of each session; nil where there is one.
    private let failures: [ClipFailure?]?
    private let media = MediaInstallation.current

    init(_ pipeline: PipelineFile) {
        self.pipeline = pipeline
        sessions = pipeline.perSession
        statistics = sessions.map { StatisticValues($0, found: nil) }
        failures = pipeline.sessions?.sessions.map { Self.failure($0.mistakes) }
    }

    /// Clips that were found, with all their options.
    struct Part: Sendable {
        /// In the order in which they were found.
        var clips: [PlannedClip] = []
        /// None where a mistake fails its own clip only.
        var mistakes: [Diagnostic] = []
    }

    func plan(_ found: ArraySlice<FoundClips.Clip>) -> Part {
        var part = Part()
        part.clips.reserveCapacity(found.count)
        var neighbours = SidecarNames()
        var fingerprints = OptionFingerprints()
        for clip in found { plan(clip, &neighbours, &fingerprints, into: &part) }
        return part
    }

    private func plan(
        _ clip: FoundClips.Clip, _ neighbours: inout SidecarNames, _ fingerprints: inout OptionFingerprints,
        into part: inout Part
    ) {
        var file = clip.file
        let own = sessions[clip.session]
        var mistakes: [Diagnostic] = []
        let sidecars = neighbours.sidecars(beside: file.path)
        if sidecars.count > 1 {
            let message = "there is also \(Path.name(of: sidecars[0])); keep one of them"
            mistakes.append(
                Diagnostic(place: .init(file: Path.shown(sidecars[1]), mark: .start), message: message))
        }
        file.sidecar = sidecars.first
        let members = sidecars.first.map { Sidecar.read($0, shownAs: Path.shown($0), diagnostics: &mistakes) }
        var failure = failures?[clip.session]
        var options: ClipOptions?
        if failure == nil {
            do throws(ConfigurationError) {
                options = try ClipOptions(
                    clip: file, own: members ?? RequestMembers(), pipeline: own, statistics: statistics[clip.session])
            } catch {
                mistakes += error.diagnostics
            }
        }
        if pipeline.keepsGoing { failure = failure ?? Self.failure(mistakes) } else { part.mistakes += mistakes }
        let planned = options ?? ClipOptions(of: file, scid: own.session.scid, in: own)
        let fingerprint = ClipFingerprint(
            options: failure == nil ? fingerprints.fingerprint(of: planned) : nil, media: media,
            retriesRefusals: pipeline.retriesRefusals)
        part.clips.append(
            PlannedClip(
                file: file, session: clip.session, options: planned, fingerprint: fingerprint,
                own: own.statistics == nil ? nil : members ?? RequestMembers(), failure: failure))
    }

    /// Nil where there is no mistake.
    private static func failure(_ mistakes: [Diagnostic]) -> ClipFailure? {
        guard !mistakes.isEmpty else { return nil }
        let sentences = mistakes.map { mistake in
            var mistake = mistake
            mistake.place.file = Path.name(of: mistake.place.file)
            return mistake.description
        }
        return ClipFailure(
            mistakes.allSatisfy(\.isTemporary) ? .temporary : .permanent, sentences.joined(separator: "; "))
    }
}
