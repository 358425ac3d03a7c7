import ClipModel

/// Manual pages from the table of commands, in the `man` macros.
enum ManualPage {
    /// `clipship(1)`.
    static func program(_ commands: [CommandSpec]) -> String {
        var page = head("clipship", "ship recorded MP4s to a GameClips service")
        page += ".SH SYNOPSIS\n.B clipship\n.I COMMAND\n[\\fIOPTIONS\\fR] ...\n.SH DESCRIPTION\n"
        page +=
            line(
                "clipship measures the MP4s of a play session, renders their thumbnails, divides them into upload blocks, "
                    + "writes manifests and submits them to a GameClips service until they are published. Each command has "
                    + "a page of its own.") + ".SH COMMANDS\n"
        for spec in commands {
            page += ".TP\n.BR \(escaped(pageName(spec))) (1)\n\(line(spec.summary))"
        }
        page += ".SH EXIT STATUS\n"
        for code in ExitCode.allCases { page += ".TP\n.B \(code.rawValue)\n\(line(code.meaning))" }
        return page + ".SH SEE ALSO\n.BR clipship\\-pipeline (5),\n.BR clipship\\-manifest (5)\n"
    }

    /// The page of one command, such as `clipship-clip-list(1)`.
    static func command(_ spec: CommandSpec) -> String {
        var page = head(pageName(spec), spec.summary.hasSuffix(".") ? String(spec.summary.dropLast()) : spec.summary)
        page += ".SH SYNOPSIS\n.B clipship \(escaped(spec.name))\n[\\fIOPTIONS\\fR]\n"
        if !spec.operands.isEmpty { page += ".I \(escaped(spec.operands))\n" }
        page += ".SH DESCRIPTION\n\(line(spec.summary)).SH OPTIONS\n"
        for flag in spec.flags + Flag.common {
            let names = [flag.short, flag.name].compactMap(\.self).map { "\\fB\(escaped($0))\\fR" }
            page += ".TP\n\(names.joined(separator: ", "))"
            page += flag.value.map { " \\fI\(escaped($0))\\fR" } ?? ""
            page += "\n\(line(flag.help))"
        }
        page += ".SH EXAMPLES\n.nf\n\(line(spec.example)).fi\n.SH SEE ALSO\n.BR clipship (1)\n"
        return page
    }

    /// The file names of all pages with their texts.
    static func all(_ commands: [CommandSpec]) -> [(name: String, text: String)] {
        [("clipship.1", program(commands))] + commands.map { ("\(pageName($0)).1", command($0)) }
    }

    static func pageName(_ spec: CommandSpec) -> String {
        "clipship-\(spec.name.replacing(" ", with: "-"))"
    }

    static func head(_ name: String, _ summary: String, section: Int = 1) -> String {
        let words = summary.prefix(1).lowercased() + summary.dropFirst()
        let kind = section == 1 ? "User Commands" : "File Formats"
        return
            ".TH \(escaped(name.uppercased())) \(section) \(Version.date) \"clipship \(Version.current)\" \"\(kind)\"\n"
            + ".SH NAME\n\(escaped(name)) \\- \(escaped(words))\n"
    }

    static func line(_ text: String) -> String { escaped(text) + "\n" }

    /// With what roff would take for its own made harmless.
    static func escaped(_ text: String) -> String {
        let plain = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
        return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
    }
}
