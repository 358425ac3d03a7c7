/// One mistake in a file that a person wrote, with its place.
public struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
    public var place: SourceLocation
    /// What was expected and what to do.
    public var message: String
    /// The file could not be read just now, which says nothing of what is in it.
    public var isTemporary: Bool

    package init(place: SourceLocation, message: String, isTemporary: Bool = false) {
        self.place = place
        self.message = message
        self.isTemporary = isTemporary
    }

    /// `pipelines/a.yaml:12:3: unknown key "offzet"; did you mean "offset"?`
    public var description: String {
        let mark = place.mark == .file ? "" : ":\(place.mark.line):\(place.mark.column)"
        return "\(place.file)\(mark): \(message)"
    }

    /// A place in a file.
    public struct SourceLocation: Hashable, Sendable {
        /// As the user would name it.
        public var file: String
        public var mark: Mark

        package init(file: String, mark: Mark) {
            self.file = file
            self.mark = mark
        }
    }
}

/// All mistakes of the files that were read, such as a pipeline, its session and its sidecars; nothing was done.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// In the order of files and places; at least one.
    public var diagnostics: [Diagnostic]

    package init(diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }

    /// Nobody has made a mistake; the same files may be read later.
    public var isTemporary: Bool { diagnostics.allSatisfy(\.isTemporary) }

    public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}

/// Collects the mistakes of one file while it is read on.
package final class DiagnosticCollector {
    package let file: String
    private var collected: [Diagnostic] = []

    /// In the order of their places.
    package var diagnostics: [Diagnostic] { collected.sorted { $0.place.mark < $1.place.mark } }

    package init(file: String) {
        self.file = file
    }

    package func report(_ message: String, at mark: Mark, isTemporary: Bool = false) {
        collected.append(
            Diagnostic(
                place: Diagnostic.SourceLocation(file: file, mark: mark), message: message, isTemporary: isTemporary))
    }
}
