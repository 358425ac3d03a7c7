import FoundationEssentials
import Pipeline
import SystemIO

/// `clipship completions`: what a shell needs to complete command lines.
enum CompletionsCommand: Command {
    static let spec = CommandSpec(
        name: "completions", summary: "Print completions for a shell, or the clips of a pipeline for them.",
        operands: "bash|zsh|fish | clips PIPELINE", operandCount: 1...2, flags: [],
        example: "clipship completions fish > ~/.config/fish/completions/clipship.fish",
        choices: Completions.Shell.allCases.map(\.rawValue))

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let name = arguments.operands[0]
        if name == "clips", arguments.operands.count == 2 {
            let path = arguments.operands[1]
            let names = try BatchPlan.clipNames(
                of: PipelineFile(reading: path), root: Path.parent(of: Path.absolute(path)))
            for name in names { console.print(name) }
            return .success
        }
        guard let shell = Completions.Shell(rawValue: name), arguments.operands.count == 1 else {
            throw UsageError(
                "there are completions for bash, zsh and fish, and clips with a pipeline, not for "
                    + "\"\(arguments.operands.joined(separator: " "))\"", command: spec.name)
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
