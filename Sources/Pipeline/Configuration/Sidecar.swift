import ConfigFiles
import SystemIO

/// The file beside a clip with what only the recorder knows.
enum Sidecar {
    static let extensions = ["yaml", "json"]

    /// The members that the sidecar at `path` sets; its mistakes are added to `diagnostics` under `name`.
    static func read(_ path: String, shownAs name: String, diagnostics: inout [Diagnostic]) -> RequestMembers {
        let collector = DiagnosticCollector(file: name)
        var members = RequestMembers()
        if let node = ConfigurationFile.load(path, collector: collector) {
            members = RequestMembers(node, what: "a sidecar", withThumbnails: true, collector: collector)
        }
        diagnostics += collector.diagnostics
        return members
    }
}
