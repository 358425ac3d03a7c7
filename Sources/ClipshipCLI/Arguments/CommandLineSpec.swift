/// One flag of a command: feeds the parser, the help, the manual pages and the completions.
struct Flag: Hashable, Sendable {
    /// With its dashes, such as `--jobs`.
    var name: String
    /// One letter with its dash, such as `-q`.
    var short: String?
    /// What stands for the value in the help; nil for a switch.
    var value: String?
    var help: String
    var isRepeatable = false
    /// Its value is a text, which may have nothing in it.
    var takesEmpty = false
    /// What its value can be, where that is one of a few words.
    var choices: [String] = []
    /// Its value is the name of a clip of the pipeline that the command line names.
    var namesClip = false
}

/// One command: feeds the parser, the help, the manual pages, the completions and the list of commands.
struct CommandSpec: Sendable {
    /// One word, or two for a command of a group, such as `clip list`.
    var name: String
    /// One line.
    var summary: String
    /// What follows the flags, such as `PIPELINE` or `FILE...`; empty for none.
    var operands: String
    var operandCount: ClosedRange<Int>
    var flags: [Flag]
    var example: String
    /// What its operand can be, where that is one of a few words.
    var choices: [String] = []
    /// What follows `--` is not its operands, but goes to another program.
    var handsOn = false

    /// The first of two words.
    var group: String? {
        name.contains(" ") ? String(name.prefix { $0 != " " }) : nil
    }

    /// Looks at media or serves, with many threads and files at once; the others make a call or read a file.
    var isWork: Bool {
        ["run", "watch", "check", "submit", "manifest", "serve", "probe", "thumbnail", "sheet", "verify"].contains(name)
    }

    /// What tells it from the others of its group.
    var lastWord: String { name.split(separator: " ").last.map(String.init) ?? name }
}

extension Flag {
    static let help = Flag(name: "--help", short: "-h", help: "show this help")
    static let quiet = Flag(name: "--quiet", short: "-q", help: "show errors and results only")
    static let verbose = Flag(name: "--verbose", short: "-v", help: "show every stage and every request")
    static let logFormat = Flag(
        name: "--log-format", value: "FORMAT", help: "text (default) or json: one object a line, on standard error",
        choices: ["text", "json"])

    static let color = Flag(
        name: "--color", value: "WHEN", help: "auto (default: on a terminal, unless NO_COLOR is set), always or never",
        choices: Colour.Choice.allCases.map(\.rawValue))

    /// Every command takes these.
    static let common = [quiet, verbose, logFormat, color, help]
}
