/// The help of the program and of each command, from their specs.
enum Help {
    static func program(_ commands: [CommandSpec]) -> String {
        let list = columns(commands.map { ($0.name, $0.summary) })
        let codes = columns(ExitCode.allCases.map { (String($0.rawValue), $0.meaning) })
        return """
            clipship measures the MP4s of a play session, renders their thumbnails, divides them into upload
            blocks, writes manifests and submits them to a GameClips service until they are published.

            usage: clipship COMMAND [OPTIONS] ...

            \(list)

            clipship COMMAND --help says more about each; clipship --version prints the version.

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
            \(spec.summary)

            usage: clipship \(spec.name) [OPTIONS]\(operands)

            \(columns(flags))

            example:
              \(spec.example)

            """
    }

    /// Two columns, the second beside the widest of the first.
    private static func columns(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { "  \($0)\(String(repeating: " ", count: width - $0.count))  \($1)" }.joined(separator: "\n")
    }
}
