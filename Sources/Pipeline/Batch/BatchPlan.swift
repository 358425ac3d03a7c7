import ClipModel
public import ConfigFiles
import Journal
import MediaWorker
public import SystemIO

/// What a run will do: every clip with all its options. Made before anything is done, from files that have no mistake.
public struct BatchPlan: Sendable {
    public var pipeline: PipelineFile
    /// The pipeline as it is for each session.
    let sessions: [PipelineFile]
    /// Their names, which are folders in the output; nil where there is one.
    let sessionNames: [String]?

    /// How many sessions there are, where there may be many.
    public var sessionCount: Int? { sessionNames?.count }
    var clips: [PlannedClip]
    public let missing: MissingFiles
    /// Only some of the pipeline's clips are wanted.
    var isPart: Bool

    /// How many clips there are.
    public var count: Int { clips.count }

    /// Those that have clips here.
    var usedSessions: Workspace.Sessions {
        guard let sessionNames else { return .one }
        return .many(Set(clips.map(\.session)).sorted().map { sessionNames[$0] })
    }
}

/// One clip of a plan. Shared rather than copied: it has some thirty members, and there may be many thousands of it.
final class PlannedClip: Sendable {
    let file: ClipFile
    /// Among those of the plan.
    let session: Int
    let options: ClipOptions
    let fingerprint: ClipFingerprint
    /// What its sidecar sets; kept only where statistics are still to be filled in.
    var own: RequestMembers? { ownMembers?.value }
    /// Why nothing can be made of it: what a person wrote for it, or for its session, has a mistake.
    var failure: ClipFailure? { ownFailure?.value }

    // Few clips have them.
    private let ownMembers: Boxed<RequestMembers>?
    private let ownFailure: Boxed<ClipFailure>?

    init(
        file: ClipFile, session: Int, options: ClipOptions, fingerprint: ClipFingerprint, own: RequestMembers?,
        failure: ClipFailure? = nil
    ) {
        self.file = file
        self.session = session
        self.options = options
        self.fingerprint = fingerprint
        ownMembers = own.map(Boxed.value)
        ownFailure = failure.map(Boxed.value)
    }
}

/// Why there is nothing to do.
public enum PlanError: Error, Sendable {
    /// The journal, which knows what clips were called before, can't be read.
    case journal(path: String, any Error)
    /// Clips of the same name can't be told apart.
    case digest(DigestError)
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
    ///   - allowsNone: There may be nothing to do.
    /// - Throws: every mistake in every sidecar at once.
    public init(
        _ pipeline: PipelineFile, only: [String] = [], root: String, allowsNone: Bool = false
    ) throws(PlanError) {
        // Without earlier names a clip could get another one, and be published again.
        let known = try Self.names(in: OutputFolder(pipeline.output))
        let found: FoundClips
        do throws(DigestError) {
            found = try FoundClips(pipeline, root: root, known: known)
        } catch {
            throw .digest(error)
        }
        let none = PlanError.noClips(patterns: pipeline.mainPatterns, found.missing(.fail))
        guard !found.clips.isEmpty || allowsNone && none.isNothing else { throw none }
        // What may be empty misses nothing.
        let missing =
            found.clips.isEmpty ? .none : found.missing(pipeline.onMissing, isPart: !only.isEmpty)
        var clips = found.clips
        if !only.isEmpty {
            for name in only where !clips.contains(where: { $0.file.name == name }) {
                throw .noSuchClip(
                    name, closest: Suggestion.closest(to: name, among: clips.map(\.file.name)), found.missing(.fail))
            }
            clips = clips.filter { only.contains($0.file.name) }
        }
        try self.init(
            pipeline, clips, missing: missing, isPart: !only.isEmpty, mistakes: found.mistakes)
    }

    /// The names that `only` may have, in their order: of what is found, whatever is wrong with it.
    ///
    /// - Parameter root: As for a plan.
    public static func clipNames(of pipeline: PipelineFile, root: String) throws -> [String] {
        guard pipeline.manifests.isEmpty else { return try ReadyPlan(pipeline).manifests.map(\.manifest.clip) }
        let known = try names(in: OutputFolder(pipeline.output))
        return try FoundClips(pipeline, root: root, known: known).clips.map(\.file.name)
    }

    /// Reads the sidecars of clips that were found.
    ///
    /// - Parameter mistakes: Those that are known already.
    init(
        _ pipeline: PipelineFile, _ found: [FoundClips.Clip], missing: MissingFiles, isPart: Bool,
        mistakes: [Diagnostic] = []
    ) throws(PlanError) {
        let planner = ClipPlanner(pipeline)
        let parts = found.onAllProcessors(atLeast: 1_000) { planner.plan($0) }
        // A mistake in the pipeline file is the same for every clip.
        var seen: Set<Diagnostic> = []
        let unique = (mistakes + parts.flatMap(\.mistakes)).filter { seen.insert($0).inserted }
        guard unique.isEmpty else { throw .configuration(ConfigurationError(diagnostics: unique)) }
        self.pipeline = pipeline
        sessions = planner.sessions
        sessionNames = pipeline.sessions?.sessions.map(\.name)
        clips = parts.flatMap(\.clips)
        self.missing = missing
        self.isPart = isPart
    }
}

extension PipelineFile {
    /// Where what decides whether there is anything to do was looked for.
    fileprivate var mainPatterns: [String] {
        guard let sessions else { return clips }
        return sessions.sessions.isEmpty ? sessions.patterns : sessions.sessions.flatMap(\.pipeline.clips)
    }
}

extension PlanError {
    /// There is nothing to do now, be it that folders are not there yet.
    public var isNothingYet: Bool {
        if case .noClips = self { true } else { false }
    }

    /// Everything could be looked at, and there was nothing that matches.
    public var isNothing: Bool {
        guard case .noClips(_, let missing) = self else { return false }
        return missing.all.allSatisfy { $0.reason == Discovery.noMatch }
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

    /// The plan with the statistics of each of its sessions in captions and title data.
    ///
    /// - Throws: what `init` would have thrown already.
    func filled(with statistics: [[PlayerStatistic]?]) throws(ConfigurationError) -> BatchPlan {
        var plan = self
        var fingerprints = OptionFingerprints()
        let values = zip(sessions, statistics).map { StatisticValues($0, found: $1) }
        plan.clips = []
        for clip in clips {
            guard clip.failure == nil, statistics[clip.session] != nil else {
                plan.clips.append(clip)
                continue
            }
            let options = try ClipOptions(
                clip: clip.file, own: clip.own ?? RequestMembers(), pipeline: sessions[clip.session],
                statistics: values[clip.session])
            let fingerprint = ClipFingerprint(
                options: fingerprints.fingerprint(of: options), media: clip.fingerprint.media,
                retriesRefusals: pipeline.retriesRefusals)
            plan.clips.append(
                PlannedClip(
                    file: clip.file, session: clip.session, options: options, fingerprint: fingerprint, own: clip.own))
        }
        return plan
    }
}

extension BatchPlan {
    /// What a run would do, a line a clip; reads the journal and the files that were made, and writes nothing.
    public func forecast() throws(PlanError) -> String {
        let known = try KnownClips(of: pipeline)
        let submits = pipeline.submit.waitFor != .nothing
        let rows = known.map { BatchRows(known: $0, observer: Unobserved()) }
        var done = 0
        let lines = clips.map { clip in
            let options = clip.options
            let row = rows?.rowIfFinal(clip, submitting: submits ? pipeline.submit : nil)
            if let row, row.isUnchanged {
                done += 1
                return row.sentence(Path.shown(clip.file.path))
            }
            if let failure = clip.failure {
                return "\(clip.file.name): \(Path.shown(clip.file.path)), fails: \(failure)"
            }
            let picture =
                "\(options.request.thumbnailSource ?? .default) at \(options.thumbnails.offset)"
                + (options.thumbnails.offset.isMilliseconds ? " ms" : "")
            let caption = options.request.userCaption.map { ", \"\($0)\"" } ?? ""
            return "\(clip.file.name): \(Path.shown(clip.file.path)), thumbnails \(picture)\(caption)"
        }
        let goal =
            switch pipeline.submit.waitFor {
            case .nothing: "write manifests; submit nothing"
            case .uploaded: "submit and wait until the service has every byte"
            case .published: "submit and wait until published"
            }
        let count = "\(clips.count) clip\(clips.count == 1 ? "" : "s") to \(Path.shown(pipeline.output))"
        return (lines + ["\(count): \(Self.goal(goal, of: clips.count, done: done))"]).joined(separator: "\n")
    }

    /// What would be done for all.
    static func goal(_ goal: String, of count: Int, done: Int) -> String {
        if done == 0 { return goal }
        return done == count ? "nothing would be done" : "\(goal); nothing for \(done) of them"
    }
}

extension BatchOutcome.Row {
    /// Of a clip for which nothing would be done.
    func sentence(_ file: String) -> String {
        let id = entry.gameClipId.map { " (\($0))" } ?? ""
        return "\(entry.clip): \(file), \(entry.state.rawValue)\(id)\(entry.reason.map { ": \($0)" } ?? "")"
    }
}
