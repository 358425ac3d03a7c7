/// One mistake in a file that a person wrote, with its place.
public struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
    public var place: Place
    /// What was expected and what to do.
    public var message: String

    /// `pipelines/a.yaml:12:3: unknown key "offzet"; did you mean "offset"?`
    public var description: String { "\(place.file):\(place.mark.line):\(place.mark.column): \(message)" }

    /// A place in a file.
    public struct Place: Hashable, Sendable {
        /// As the user would name it.
        public var file: String
        public var mark: Mark
    }
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
    private var collected: [Diagnostic] = []

    /// In the order of their places.
    var diagnostics: [Diagnostic] { collected.sorted { $0.place.mark < $1.place.mark } }

    init(file: String) {
        self.file = file
    }

    func report(_ message: String, at mark: Mark) {
        collected.append(Diagnostic(place: Diagnostic.Place(file: file, mark: mark), message: message))
    }
}
