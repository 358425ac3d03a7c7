import ClipModel
import ConfigFiles

/// The `watch` section: what `clipship watch` takes for the end of a session.
public struct WatchOptions: Encodable, Hashable, Sendable {
    public var sessionEndsWhen = SessionEnd.quiet(.seconds(30))

    public init() {}

    init(_ node: YAMLNode, hasSessions: Bool, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "\"watch\"", collector: collector)
        if let end = reader.value("sessionEndsWhen", SessionEnd.expected, { $0.text.flatMap(SessionEnd.init) }) {
            sessionEndsWhen = end
            if end == .manifest, !hasSessions {
                collector.report(
                    "\"sessionEndsWhen\": manifest waits for the files that \"sessions\" finds, and there is no "
                        + "\"sessions\"; expected quiet TIME or file NAME", at: node.mark)
            }
        }
        reader.finish()
    }
}

/// What tells that nothing more comes of a session.
public enum SessionEnd: Encodable, Hashable, Sendable {
    /// None of its files has changed for so long, by two looks at least so far apart.
    case quiet(Duration)
    /// A file of this name is in its folder.
    case file(String)
    /// Its session file is there.
    case manifest

    static let expected = "quiet TIME, file NAME or manifest, such as quiet 30s"

    /// `quiet 30s`, `file DONE`, `manifest`.
    init?(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        switch (words.first, words.count) {
        case ("manifest", 1): self = .manifest
        case ("quiet", 2):
            guard let time = DurationText.parse(words[1]), time > .zero else { return nil }
            self = .quiet(time)
        case ("file", 2):
            guard !words[1].contains("/"), words[1] != ".", words[1] != ".." else { return nil }
            self = .file(words[1])
        default: return nil
        }
    }
}
