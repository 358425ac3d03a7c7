import CLinux
import ClipModel
import Glibc
import MediaWorker
import SystemIO

/// The program: finds the command, runs it, turns whatever it throws into text and an exit code.
public enum ClipshipProgram {
    /// Where this program's media workers come from.
    static let forkServer = ForkServer()

    /// Makes the process what the program counts on, whoever started it. To be called before anything else is done.
    public static func settle() {
        Blocking.watch()
        // Unless it is told, malloc(3) keeps up to 32 MB of what is free again for each of its heaps.
        _ = clinux_map_large_memory(128 << 10)
        StandardStreams.settle()
        // Whoever started the program may have ignored it, and then nobody would learn how a child ended.
        signal(SIGCHLD, SIG_DFL)
        // Ctrl-\ ends the program at once; the runtime would write a crash report first.
        signal(SIGQUIT, SIG_DFL)
    }

    /// The command line without the program's name; `CommandLine.arguments` has none where there is no `/proc`.
    public static var words: [String] {
        (1..<max(1, clinux_argument_count())).compactMap { clinux_argument($0).map { Path.text($0) } }
    }

    /// Says what the system does not give that the program needs, and how to exit then; nil if nothing is missing. To be
    /// asked before `run`: without threads nothing would ever come of that.
    public static func shortage(for words: [String]) -> ExitCode? {
        let isWork = allCommands.contains { $0.spec.name == words.first && $0.spec.isWork }
        do throws(ProcessNeedError) {
            if isWork { try ProcessNeeds.checkForWork() } else { try ProcessNeeds.check() }
            return nil
        } catch {
            let failure = Failure(error)
            Console(logsJSON: Arguments.askForJSONLog(words)).error(failure.text)
            return failure.code
        }
    }

    /// - Parameter words: The command line without the program's name.
    public static func run(_ words: [String]) async -> ExitCode {
        // Commands look at files and databases as they go.
        await withTaskExecutorPreference(Blocking.threads) {
            let code = await finished(words)
            await forkServer.close()
            return code
        }
    }

    private static func finished(_ words: [String]) async -> ExitCode {
        // A reader that goes away ends a write with an error, not the program with a signal.
        signal(SIGPIPE, SIG_IGN)
        ProcessHardening.leaveNoCoreDump()
        let console = Console(logsJSON: Arguments.askForJSONLog(words))
        do {
            return console.ending(try await dispatch(words, console))
        } catch {
            let failure = Failure(error)
            console.error(failure)
            return failure.code
        }
    }

    /// - Parameter early: For what comes before the command has a console as it wants it.
    private static func dispatch(_ words: [String], _ early: Console) async throws -> ExitCode {
        guard let name = words.first else {
            throw UsageError("a command is missing: \(allCommands.map { $0.spec.name }.joined(separator: ", "))")
        }
        switch name {
        case "help" where words.count > 1:
            return try await dispatch(words.dropFirst() + ["--help"], early)
        case "--help", "-h", "help":
            early.print(Help.program(allCommands.map { $0.spec }))
            return .success
        case "--version":
            return try await VersionReport.show(Array(words.dropFirst()), early)
        default:
            break
        }
        guard let (command, rest) = try command(in: words) else {
            early.print(Help.group(name, allCommands.map { $0.spec }.filter { $0.group == name }))
            return .success
        }
        let arguments = try Arguments(rest, for: command.spec)
        if arguments.isSet(.help) {
            early.print(Help.command(command.spec))
            return .success
        }
        let console = try console(for: arguments)
        guard Path.currentFolder != nil else {
            throw Failure("the current folder is gone or can't be read: change to another one", .usage)
        }
        do {
            return console.ending(try await command.run(arguments, console))
        } catch {
            let failure = Failure(error)
            console.error(failure)
            return console.ending(failure.code)
        }
    }

    /// What people type who know other programs, and what they mean.
    private static let otherNames = [
        "upload": "submit", "publish": "run", "ls": "clip list", "list": "clip list", "download": "clip download",
        "validate": "verify", "version": "--version", "-V": "--version", "doctor": "check --doctor", "lint": "check",
        "man": "manual", "server": "serve",
    ]

    /// The command that a command line begins with, whose name may have two words, and what follows it; nil if the help
    /// of a group of commands is wanted.
    private static func command(in words: [String]) throws(UsageError) -> ((any Command.Type), [String])? {
        let name = words[0]
        if let command = allCommands.first(where: { $0.spec.name == name }) { return (command, Array(words[1...])) }
        let group = allCommands.filter { $0.spec.group == name }
        guard !group.isEmpty else {
            let guess =
                otherNames[name]
                ?? Suggestion.closest(to: name, among: allCommands.map { $0.spec.group ?? $0.spec.name })
            throw UsageError("there is no command \"\(name)\"" + (guess.map { "; did you mean \($0)?" } ?? ""))
        }
        guard words.count > 1 else {
            let names = group.map { $0.spec.lastWord }.joined(separator: ", ")
            throw UsageError("\(name) needs one of \(names)", command: name)
        }
        if words[1] == "--help" || words[1] == "-h" { return nil }
        guard let command = group.first(where: { $0.spec.lastWord == words[1] }) else {
            let guess = Suggestion.closest(to: words[1], among: group.map { $0.spec.lastWord })
            let hint = guess.map { "; did you mean \(name) \($0)?" } ?? ""
            throw UsageError("there is no command \"\(name) \(words[1])\"\(hint)", command: name)
        }
        return (command, Array(words[2...]))
    }

    private static func console(for arguments: Arguments) throws(UsageError) -> Console {
        let logsJSON = try arguments.choice(.logFormat, [("text", false), ("json", true)]) ?? false
        guard !arguments.isSet(.quiet) || !arguments.isSet(.verbose) else {
            throw UsageError("--quiet and --verbose exclude each other", command: arguments.spec.name)
        }
        let colour = try arguments.choice(.color, Colour.Choice.allCases.map { ($0.rawValue, $0) }) ?? .automatic
        return Console(
            level: arguments.isSet(.quiet) ? .quiet : arguments.isSet(.verbose) ? .verbose : .normal,
            logsJSON: logsJSON, resultsAreJSON: try arguments.wantsJSON(), colour: colour)
    }
}
