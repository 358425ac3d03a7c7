import ClipModel
import ConfigFiles
import SystemIO

/// The sessions of a pipeline that has many, each with the pipeline as it is for it.
public struct SessionFiles: Encodable, Hashable, Sendable {
    /// Absolute glob patterns.
    public let patterns: [String]
    /// In the order of their names.
    public let sessions: [SessionFile]
    /// Patterns that match nothing, and places that could not be looked at.
    let problems: [BatchReport.Missing]
    /// One of them may be gone later.
    let isTemporary: Bool
}

/// One session of many.
public struct SessionFile: Encodable, Hashable, Sendable {
    /// The folder below the output that it has.
    public let name: String
    /// Absolute.
    public let file: String
    /// What is made of its clips: the pipeline with this session, and patterns of clips below its folder.
    let pipeline: PipelineFile
    /// Why nothing can be made of them; empty if it can.
    let mistakes: [Diagnostic]

    private enum CodingKeys: String, CodingKey {
        case name, file, pipeline, mistakes
    }

    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(name, forKey: .name)
        try members.encode(file, forKey: .file)
        try members.encode(pipeline, forKey: .pipeline)
        try members.encode(mistakes.map(\.description), forKey: .mistakes)
    }
}

extension SessionFile {
    /// Names the session files at `found` (path and the folder that the search started from): by their path below that
    /// folder, or by their folder where the file is just called "session".
    ///
    /// - Parameter root: The folder that names must not depend on.
    static func named(
        _ found: [(path: String, base: String)], root: String
    ) throws(DigestError) -> [(name: String, path: String)] {
        let names = try found.map { (file) throws(DigestError) in
            let path = Path.relative(file.path, to: file.base)
            let folder = Path.parent(of: path)
            let isPlain = Path.withoutExtension(Path.name(of: path)).lowercased() == "session"
            // The extension is taken off a clip's name, and a folder has none.
            return try ClipFile.safeName(of: isPlain && folder != "." ? folder + ".yaml" : path)
        }
        let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
        return try zip(found, names).map { (file, name) throws(DigestError) in
            let isTaken = counts[name, default: 0] > 1 || OutputFolder.ownNames.contains(name)
            return (
                isTaken ? "\(name)~\(try ClipFile.fingerprint(of: Path.relative(file.path, to: root)))" : name,
                file.path
            )
        }
        .sorted { $0.name.comesBefore($1.name) }
    }
}

extension PipelineFile {
    /// The pipeline for each of its sessions; itself where there is one. What a run asks for beyond the file is in all of
    /// them, and each has its own output folder.
    var perSession: [PipelineFile] {
        guard let sessions else { return [self] }
        return sessions.sessions.map { session in
            var own = session.pipeline
            own.output = "\(output)/\(session.name)"
            own.service = service
            own.submit = submit
            own.refreshesStatistics = refreshesStatistics
            own.retriesRefusals = retriesRefusals
            own.report = .none
            return own
        }
    }
}

extension Session {
    /// Stands for all sessions where the options that they share are read: it has whatever one may be asked for.
    static let anyOne = {
        var session = Session(
            scid: "00000000-0000-0000-0000-000000000000", titleId: 0, title: "any",
            sessionRef: "/serviceconfigs/any/sessiontemplates/any/session/any")
        session.players = [Player(xuid: "0")]
        return session
    }()
}
