import ClipModel
import FoundationEssentials

/// The values that a clip gives to the placeholders of captions and title data.
struct Placeholders: Sendable {
    /// Every placeholder there is.
    static let names = [
        "clip.file", "clip.name", "pipeline.name", "session.ref", "session.scid", "session.title", "session.titleId",
    ]

    private var values: [String: String]

    init(clip: String, file: String, pipeline: String, session: Session) {
        values = [
            "clip.name": clip, "clip.file": file, "pipeline.name": pipeline, "session.scid": session.scid,
        ]
        values["session.title"] = session.title
        values["session.titleId"] = session.titleId.map(String.init)
        values["session.ref"] = session.sessionRef
    }

    /// For text that people read.
    func text(_ name: String) -> String? {
        values[name]
    }

    /// For text that is JSON: the inside of a string.
    func insideJSON(_ name: String) -> String? {
        guard let value = values[name], let quoted = try? CanonicalJSON.line(value) else { return nil }
        return String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
    }
}
