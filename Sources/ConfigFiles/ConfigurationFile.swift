import SystemIO

/// A YAML or JSON file that a person wrote: read whole, parsed, and handed on with a collector for its mistakes.
package enum ConfigurationFile {
    /// Larger than any file written by hand.
    private static let largest = 4_000_000

    /// Parses the file at `path`, which messages call `name`; a file that can't be read or parsed is one mistake and
    /// gives nil.
    package static func load(_ path: String, collector: DiagnosticCollector) -> YAMLNode? {
        do throws(FileError) {
            let file = try OpenFile(path)
            let size = try file.identity().size
            guard size <= largest else {
                collector.report("the file has \(size) bytes; at most \(largest) are read", at: .file)
                return nil
            }
            return try parse(file.bytes(in: 0..<max(size, 0)), collector: collector)
        } catch {
            collector.report("can't read this file: \(error.reason)", at: .file, isTemporary: error.isTemporary)
            return nil
        }
    }

    private static func parse(_ bytes: [UInt8], collector: DiagnosticCollector) -> YAMLNode? {
        do {
            return try YAMLParser.parse(bytes)
        } catch {
            collector.report("not valid YAML: \(error.reason)", at: error.mark)
            return nil
        }
    }
}
