/// The help of the program and of each command, from their specs.
enum Help {
    static func program(_ commands: [CommandSpec]) -> String {
        let list = columns(commands.map { ($0.name, $0.summary) })
        let codes = columns(ExitCode.allCases.map { (String($0.rawValue), $0.meaning) })
        return """
            clipship measures the MP4s of a play session, renders their thumbnails, divides
            them into upload blocks, writes manifests and submits them to a GameClips
            service until they are published.

            usage: clipship COMMAND [OPTIONS] ...

            \(list)

            clipship COMMAND --help says more about each. clipship --version prints the
            version; with --verbose, that of all that it uses.

            exit codes:
            \(codes)

            """
    }

    static func group(_ name: String, _ commands: [CommandSpec]) -> String {
        """
        usage: clipship \(name) \(commands.map(\.lastWord).joined(separator: "|")) [OPTIONS] ...

        \(columns(commands.map { ($0.name, $0.summary) }))

        clipship \(name) COMMAND --help says more about each.

        """
    }

    static func command(_ spec: CommandSpec) -> String {
        let flags = (spec.flags + Flag.common).map { flag in
            let names = [flag.short, flag.name].compactMap(\.self).joined(separator: ", ")
            return (flag.value.map { "\(names) \($0)" } ?? names, flag.help)
        }
        let operands = spec.operands.isEmpty ? "" : " \(spec.operands)"
        return """
            \(wrapped(spec.summary))

            usage: clipship \(spec.name) [OPTIONS]\(operands)

            \(columns(flags))

            example:
            \(wrapped(spec.example, indent: 2, continuing: 4, mark: " \\"))

            """
    }

    /// No line is longer.
    static let width = 80

    /// The widest that a first column gets; what is longer has a line of its own.
    private static let mostOfFirst = 26

    /// Two columns, the second beside the widest of the first, wrapped.
    private static func columns(_ rows: [(String, String)]) -> String {
        let first = rows.map(\.0.count).filter { $0 <= mostOfFirst }.max() ?? 0
        return rows.map { name, text in
            let indent = 2 + first + 2
            let lines = wrapped(text, indent: indent, continuing: indent)
            guard name.count <= first else { return "  \(name)\n\(lines)" }
            let padding = String(repeating: " ", count: first - name.count)
            return "  \(name)\(padding)  \(lines.dropFirst(indent))"
        }.joined(separator: "\n")
    }

    /// Lines that are broken between words; a word that is too long stays whole.
    ///
    /// - Parameter mark: What stands behind each line but the last.
    static func wrapped(_ text: String, indent: Int = 0, continuing: Int = 0, mark: String = "") -> String {
        var lines: [String] = []
        var line = String(repeating: " ", count: indent)
        var isEmpty = true
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !isEmpty, line.count + 1 + word.count + mark.count > width {
                lines.append(line + mark)
                line = String(repeating: " ", count: continuing)
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return (lines + [line]).joined(separator: "\n")
    }
}
