import ClipModel
public import ConfigFiles
import SystemIO

/// A pipeline file as it was understood: where clips come from, what to make of them, where they go.
///
/// It and all of its parts are written as JSON by all of their stored properties, exactly, for `OptionDigest`.
public struct PipelineFile: Encodable, Hashable, Sendable {
    public var name: String
    /// Absolute; empty for one that no file says.
    public internal(set) var file = ""
    /// Stands for all of them where there are many.
    public var session: Session
    /// Many sessions; nil for one.
    public internal(set) var sessions: SessionFiles?
    /// A session file or a sidecar with a mistake fails its own clips only.
    public var keepsGoing = false
    /// Absolute glob patterns; none in a pipeline that submits manifests, or has many sessions.
    public var clips: [String]
    /// Absolute glob patterns of manifests that were made elsewhere; none in a pipeline that makes them.
    public var manifests: [String]
    /// Absolute; where the clips of `manifests` are, if not where they say.
    public var clipsFolder: String?
    public var onMissing = OnMissing.fail
    public var request: RequestMembers
    public var thumbnails: ThumbnailOptions
    public var blocks: BlockOptions
    /// The coded video's digest goes into the manifest, for which all of it is read once more.
    public var videoHash = false
    /// Nil: nothing is checked.
    public var checks: CheckOptions?
    public var statistics: StatisticsOptions?
    /// Kept statistics are fetched again; one run asks for that, no pipeline does.
    public var refreshesStatistics = false
    /// Clips that were refused are looked at again; one run asks for that, too.
    public var retriesRefusals = false
    public var compute: ComputeOptions?
    public var hooks: Hooks
    public var service: ServiceOptions
    public var submit: SubmitOptions
    /// Absolute.
    public var output: String
    public var report = ReportOptions.automatic
    /// Of `clipship watch` only.
    public var watch = WatchOptions()

    public init(name: String, session: Session, clips: [String], output: String) {
        self.name = name
        self.session = session
        self.clips = clips
        manifests = []
        self.output = output
        request = RequestMembers()
        thumbnails = ThumbnailOptions()
        blocks = BlockOptions()
        hooks = Hooks()
        service = .local
        submit = SubmitOptions()
    }
}

extension PipelineFile {
    /// Where the file is, which the commands that it names are run in; nil for one that no file says.
    var folder: String? { file.isEmpty ? nil : Path.parent(of: file) }

    /// Reads the file at `path` and the session files that it names.
    ///
    /// - Parameters:
    ///   - keepsGoing: Mistakes in one of many session files are kept with it, whatever the file says.
    /// - Throws: `ConfigurationError` with every mistake in all of them.
    public init(reading path: String, keepsGoing: Bool = false) throws(ConfigurationError) {
        try self.init(reading: path, keepsGoing: keepsGoing, sessions: nil)
    }

    /// The same with session files that were found before, by their names.
    init(
        reading path: String, keepsGoing: Bool, sessions known: [(name: String, path: String)]?
    ) throws(ConfigurationError) {
        let collector = DiagnosticCollector(file: path)
        var diagnostics: [Diagnostic] = []
        var file: PipelineFile?
        if let node = ConfigurationFile.load(path, collector: collector) {
            file = Self(node, path: path, collector: collector, session: &diagnostics)
            if keepsGoing { file?.keepsGoing = true }
            if collector.diagnostics.isEmpty {
                do throws(DigestError) {
                    try file?.readSessions(node, path: path, known)
                } catch {
                    let message = "\(error), by which sessions of the same name are told apart"
                    diagnostics.append(Diagnostic(place: .init(file: path, mark: .file), message: message))
                }
                if file?.keepsGoing == false { diagnostics += file?.sessions?.sessions.flatMap(\.mistakes) ?? [] }
            }
        }
        diagnostics = collector.diagnostics + diagnostics
        var seen: Set<Diagnostic> = []
        diagnostics = diagnostics.filter { seen.insert($0).inserted }
        guard var file, diagnostics.isEmpty else { throw ConfigurationError(diagnostics: diagnostics) }
        file.file = Path.absolute(path)
        self = file
    }

    /// Finds the session files, and reads each with the pipeline as it is for it.
    private mutating func readSessions(
        _ node: YAMLNode, path: String, _ known: [(name: String, path: String)]?
    ) throws(DigestError) {
        guard let patterns = sessions?.patterns else { return }
        let found = Discovery(known == nil ? patterns : [])
        let names =
            if let known { known } else {
                try SessionFile.named(found.files, root: Path.parent(of: Path.absolute(path)))
            }
        let sessions = names.map { name, file in
            let shown = Path.shown(file)
            let collector = DiagnosticCollector(file: shown)
            let session = ConfigurationFile.load(file, collector: collector)
                .flatMap { Session($0, collector: collector) }
            var mistakes = collector.diagnostics
            var own = self
            own.sessions = nil
            own.clips = clips.map { Path.resolve($0, below: Path.parent(of: file)) }
            if let session {
                let collector = DiagnosticCollector(file: path)
                let read = Self(
                    node, path: path, collector: collector, given: (session, own.clips), session: &mistakes)
                mistakes += collector.diagnostics
                if let read { own = read }
            }
            return SessionFile(name: name, file: file, pipeline: own, mistakes: mistakes)
        }
        self.sessions = SessionFiles(
            patterns: patterns, sessions: sessions, problems: found.problems, isTemporary: found.isTemporary)
        clips = []
    }

    /// - Parameter given: One of many sessions, and where its clips are; nil for what all of them share.
    private init?(
        _ node: YAMLNode, path: String, collector: DiagnosticCollector,
        given: (session: Session, clips: [String])? = nil,
        session sessionDiagnostics: inout [Diagnostic]
    ) {
        let folder = Path.parent(of: Path.absolute(path))
        var reader = MappingReader(node, what: "a pipeline file", collector: collector)

        name = reader.string("name") ?? Path.withoutExtension(Path.name(of: path))
        let manifestsNode = reader.node("manifests")
        manifests = manifestsNode.map { Self.patterns($0, "manifests", "out/*/manifests/*.json", folder, reader) } ?? []
        clipsFolder = manifestsNode.flatMap { _ in reader.string("clipsFolder") }
            .map { Path.resolve($0, below: folder) }
        let sessionsNode = reader.node("sessions")
        let sessionPatterns = sessionsNode.map {
            Self.patterns($0, "sessions", "recordings/*/session.yaml", folder, reader)
        }
        let sessionNode =
            manifestsNode == nil && sessionsNode == nil
            ? reader.required("session", "a session file's path, or the session itself; or \"sessions\" for many")
            : reader.node("session")
        if let sessionNode, sessionsNode != nil {
            collector.report("\"session\" can't stand beside \"sessions\"; keep one of them", at: sessionNode.mark)
        }
        let one = sessionsNode != nil ? nil : sessionNode
        let session =
            given?.session ?? sessionPatterns.map { _ in .anyOne }
            ?? one.flatMap { node in
                if let text = node.text {
                    return Self.session(
                        from: text, mark: node.mark, pipeline: path, collector: collector,
                        diagnostics: &sessionDiagnostics)
                }
                return Session(node, collector: collector)
            }
        let patterns = manifestsNode == nil ? reader.required("clips", "a list of glob patterns") : nil
        if let given {
            clips = given.clips
        } else if sessionsNode != nil {
            clips = patterns.map { Self.patternsBelowSessions($0, reader) } ?? []
        } else {
            clips = patterns.map { Self.patterns($0, "clips", "clips/*.mp4", folder, reader) } ?? []
        }
        keepsGoing = manifestsNode == nil && reader.boolean("keepGoing") ?? false
        onMissing = reader.choice("onMissing", OnMissing.allCases.map { ($0.rawValue, $0) }) ?? .fail
        if manifestsNode != nil {
            // All of these are in the manifests already.
            let others = [
                "keepGoing", "clips", "request", "thumbnails", "blocks", "videoHash", "checks",
                "statistics",
            ].map { ($0, reader.node($0)) }
            for (name, node) in [("sessions", sessionsNode)] + others {
                guard let node else { continue }
                collector.report("\"\(name)\" can't stand beside \"manifests\", which have all of it", at: node.mark)
            }
        }
        request =
            reader.node("request").map {
                RequestMembers($0, what: "\"request\"", withThumbnails: false, collector: collector)
            } ?? RequestMembers()
        thumbnails = reader.node("thumbnails").map { ThumbnailOptions($0, collector: collector) } ?? ThumbnailOptions()
        blocks = reader.node("blocks").map { BlockOptions($0, collector: collector) } ?? BlockOptions()
        videoHash = reader.boolean("videoHash") ?? false
        checks = reader.node("checks").map { CheckOptions($0, collector: collector) }
        statistics = reader.node("statistics").map { node in
            let options = StatisticsOptions(node, collector: collector)
            if options.users == nil, let session, session.players.isEmpty {
                collector.report(
                    "\"statistics\" is about the session's players, and the session has none", at: node.mark)
            }
            return options
        }
        compute = reader.node("compute").flatMap { ComputeOptions($0, shared: session, collector: collector) }
        hooks = reader.node("hooks").map { Hooks($0, collector: collector) } ?? Hooks()
        service = reader.node("service").map { ServiceOptions($0, folder: folder, collector: collector) } ?? .local
        submit = reader.node("submit").map { SubmitOptions($0, collector: collector) } ?? SubmitOptions()
        if let manifestsNode, submit.waitFor == .nothing {
            collector.report(
                "\"manifests\" are there to be submitted, and \"submit\" says waitFor: nothing", at: manifestsNode.mark)
        }
        report =
            reader.value("report", "true, false, inline or linked") { node in
                switch node.boolean {
                case true?: .automatic
                case false?: ReportOptions.none
                case nil: [.inline, .linked].first { $0.rawValue == node.text }
                }
            } ?? .automatic
        watch =
            reader.node("watch").map {
                WatchOptions($0, hasSessions: sessionsNode != nil, collector: collector)
            } ?? WatchOptions()
        if let manifestsNode, reader.node("watch") != nil {
            collector.report(
                "\"watch\" can't stand beside \"manifests\": no session is waited for", at: manifestsNode.mark)
        }
        let output = reader.required("output", "the folder to write to").flatMap {
            reader.check($0, "output", "the folder to write to") { $0.text.flatMap { $0.isEmpty ? nil : $0 } }
        }
        reader.finish()
        guard let output else { return nil }
        guard let session = session ?? (manifestsNode == nil ? nil : Session(scid: "")) else { return nil }
        self.session = session
        self.output = Path.resolve(output, below: folder)
        if given == nil, let sessionPatterns {
            sessions = SessionFiles(patterns: sessionPatterns, sessions: [], problems: [], isTemporary: false)
        }
    }

    /// A glob pattern or a list of them.
    private static func patterns(
        _ node: YAMLNode, _ name: String, _ example: String, _ folder: String, _ reader: MappingReader
    ) -> [String] {
        let list = if case .sequence(let items) = node.content { items } else { [node] }
        return list.compactMap { node in
            let endsWithFolders = node.text?.split(separator: "/").last == "**"
            let expected =
                endsWithFolders
                ? "what files are called behind \"**\", which stands for folders, such as **/*.mp4"
                : "a glob pattern such as \(example)"
            return reader.check(node, name, expected) { endsWithFolders ? nil : $0.text }
        }
        .map { Path.resolve($0, below: folder) }
    }

    /// Patterns of clips, which stay relative: each session file has its own below its folder.
    private static func patternsBelowSessions(_ node: YAMLNode, _ reader: MappingReader) -> [String] {
        let list = if case .sequence(let items) = node.content { items } else { [node] }
        let all = patterns(node, "clips", "clips/*.mp4", "", reader)
        for node in list where node.text?.hasPrefix("/") == true {
            reader.collector.report(
                "\"clips\": beside \"sessions\" a pattern is relative to each session file, such as *.mp4, found "
                    + node.found, at: node.mark)
        }
        return all.map { String($0.dropFirst()) }
    }

    private static func session(
        from text: String, mark: Mark, pipeline: String, collector: DiagnosticCollector, diagnostics: inout [Diagnostic]
    ) -> Session? {
        // Named as the user would find it: relative to where the pipeline file was named from.
        let shown = text.hasPrefix("/") ? text : Path.resolve(text, below: Path.parent(of: pipeline))
        let path = Path.resolve(text, below: Path.parent(of: Path.absolute(pipeline)))
        do throws(FileError) {
            _ = try FileIdentity(of: path)
        } catch {
            if error.isNotFound {
                collector.report("\"session\": there is no file \(shown)", at: mark)
            } else {
                collector.report(
                    "\"session\": can't look at \(shown): \(error.reason)", at: mark, isTemporary: error.isTemporary)
            }
            return nil
        }
        let sessionCollector = DiagnosticCollector(file: shown)
        let session = ConfigurationFile.load(path, collector: sessionCollector)
            .flatMap { Session($0, collector: sessionCollector) }
        diagnostics += sessionCollector.diagnostics
        return session
    }
}
