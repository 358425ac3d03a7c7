import FoundationEssentials
import SystemIO

/// `clipship completions`: what a shell needs to complete command lines.
enum CompletionsCommand: Command {
    static let spec = CommandSpec(
        name: "completions", summary: "Print completions for a shell.", operands: "bash|zsh|fish",
        operandCount: 1...1, flags: [], example: "clipship completions fish > ~/.config/fish/completions/clipship.fish",
        choices: Completions.Shell.allCases.map(\.rawValue))

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let name = arguments.operands[0]
        guard let shell = Completions.Shell(rawValue: name) else {
            throw UsageError("there are completions for bash, zsh and fish, not for \"\(name)\"", command: spec.name)
        }
        console.print(Data(Completions.script(for: shell, allCommands.map { $0.spec }).utf8))
        return .success
    }
}

/// `clipship manual`: the manual pages, for whoever installs the program.
enum ManualCommand: Command {
    static let spec = CommandSpec(
        name: "manual", summary: "Write the manual pages of all commands and files into a folder.", operands: "DIR",
        operandCount: 1...1, flags: [], example: "clipship manual /usr/local/share/man/man1")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let folder = Path.absolute(arguments.operands[0])
        try Folder.make(folder)
        for page in try ManualPage.all(allCommands.map { $0.spec }) + SchemaPage.all() {
            try DurableFile.write(Data(page.text.utf8), to: "\(folder)/\(page.name)")
        }
        return .success
    }
}
