/// One mistake in a file that a person wrote, with its place.
public struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
    /// As the user would name it.
    public var file: String
    public var mark: Mark
    /// What was expected and what to do.
    public var message: String

    /// `pipelines/a.yaml:12:3: unknown key "offzet"; did you mean "offset"?`
    public var description: String { "\(file):\(mark.line):\(mark.column): \(message)" }
}

/// All mistakes of a pipeline, its session and its sidecars; nothing was done.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// In the order of files and places; at least one.
    public var diagnostics: [Diagnostic]

    public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}

/// Collects the mistakes of one file while it is read on.
final class DiagnosticCollector {
    let file: String
    private(set) var diagnostics: [Diagnostic] = []

    init(file: String) {
        self.file = file
    }

    func report(_ message: String, at mark: Mark) {
        diagnostics.append(Diagnostic(file: file, mark: mark, message: message))
    }
}
