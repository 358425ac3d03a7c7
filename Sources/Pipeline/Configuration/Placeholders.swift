import ClipModel
import FoundationEssentials
import SystemIO

/// The values that a clip gives to the placeholders of captions and title data.
struct Placeholders: Sendable {
    /// Every placeholder there is.
    static let names = [
        "clip.file", "clip.name", "pipeline.name", "session.ref", "session.scid", "session.title", "session.titleId",
    ]

    /// The clip's.
    let path: String
    let pipeline: String
    let session: Session
    /// Nil: the pipeline asks for none.
    var statistics: StatisticValues?

    /// For text that people read; nil for what the session does not say.
    func text(_ name: String) -> String? {
        switch name {
        case "clip.name": Path.withoutExtension(Path.name(of: path))
        case "clip.file": Path.name(of: path)
        case "pipeline.name": pipeline
        case "session.scid": session.scid
        case "session.title": session.title
        case "session.titleId": session.titleId.map(String.init)
        case "session.ref": session.sessionRef
        default: nil
        }
    }

    /// For text that is JSON: the inside of a string.
    func insideJSON(_ name: String) -> String? {
        text(name).flatMap(Self.escaped)
    }

    static func escaped(_ value: String) -> String? {
        // Every text can be written as JSON.
        guard let quoted = try? CanonicalJSON.line(value) else { return nil }
        return String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
    }
}
