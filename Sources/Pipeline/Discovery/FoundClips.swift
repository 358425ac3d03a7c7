import ClipModel
import ConfigFiles
import SystemIO

/// The clips of a pipeline, as they are found: of its one session, or of each of many.
struct FoundClips {
    /// In the order of their names.
    private(set) var clips: [Clip] = []
    /// What two sessions have in common.
    private(set) var mistakes: [Diagnostic] = []
    private var problems: [BatchReport.Missing] = []
    /// Sessions that have a mistake, and no clip that could be told of it.
    private var lost: [BatchReport.Missing] = []
    private var isTemporary = false

    struct Clip: Sendable {
        var file: ClipFile
        /// Among the pipeline's sessions.
        var session: Int
    }

    /// - Parameters:
    ///   - root: The folder that names of clips must not depend on.
    ///   - known: What files were called before, by their absolute paths.
    init(_ pipeline: PipelineFile, root: String, known: [String: String]) throws(DigestError) {
        guard let sessions = pipeline.sessions else {
            let found = Discovery(pipeline.clips)
            (problems, isTemporary) = (found.problems, found.isTemporary)
            clips = try ClipFile.named(found.files, root: root, known: known).map { Clip(file: $0, session: 0) }
            return
        }
        (problems, isTemporary) = (sessions.problems, sessions.isTemporary)
        var owners: [ExactPath: Int] = [:]
        for (index, session) in sessions.sessions.enumerated() {
            let found = Discovery(session.pipeline.clips)
            problems += found.problems
            isTemporary = isTemporary || found.isTemporary
            let prefix = session.name + "/"
            let names = known.filter { $0.value.hasPrefix(prefix) }.mapValues { String($0.dropFirst(prefix.count)) }
            var files = try ClipFile.named(found.files, root: Path.parent(of: session.file), known: names)
            for index in files.indices { files[index].name = prefix + files[index].name }
            for file in files {
                if let owner = owners.updateValue(index, forKey: ExactPath(file.path)) {
                    let other = Path.shown(sessions.sessions[owner].file)
                    let message =
                        "\(Path.shown(file.path)) is a clip of \(other), too; each session needs clips of its own: "
                        + "change \"clips\", or move one of the files"
                    mistakes.append(
                        Diagnostic(place: .init(file: Path.shown(session.file), mark: .file), message: message))
                }
            }
            if files.isEmpty, let mistake = session.mistakes.first {
                lost.append(.init(path: session.file, reason: mistake.message))
            }
            clips += files.map { Clip(file: $0, session: index) }
        }
        clips.sort { $0.file.name.comesBefore($1.file.name) }
    }

    func missing(_ onMissing: OnMissing, isPart: Bool = false) -> MissingFiles {
        MissingFiles(problems, onMissing, certain: lost, isPart: isPart, isTemporary: isTemporary)
    }
}
