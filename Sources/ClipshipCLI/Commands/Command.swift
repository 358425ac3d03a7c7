/// One command of the program.
protocol Command: Sendable {
    static var spec: CommandSpec { get }

    /// Runs with a command line that fits `spec`; what it throws becomes text and an exit code in `Failure`.
    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode
}

/// Every command, in the order of the help.
let allCommands: [any Command.Type] = [
    RunCommand.self, WatchCommand.self, CheckCommand.self, ProbeCommand.self, ThumbnailCommand.self,
    SheetCommand.self, ManifestCommand.self, VerifyCommand.self,
    SubmitCommand.self, PlanCommand.self, MergeCommand.self, SlurmCommand.self, StatusCommand.self, ReportCommand.self,
    ClipGetCommand.self,
    ClipListCommand.self,
    ClipUpdateCommand.self,
    ClipDeleteCommand.self, ClipDownloadCommand.self, StatsCommand.self, ComputeAllocateCommand.self,
    ComputeStatusCommand.self, ServeCommand.self, CompletionsCommand.self, ManualCommand.self,
]
