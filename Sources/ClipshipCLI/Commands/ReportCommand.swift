import Pipeline
import SystemIO

/// `clipship report`: the page of a batch, made again.
enum ReportCommand: Command {
    static let pictures = Flag(
        name: "--pictures", value: "WHERE",
        help: "inline: in the page, or linked: in the output folder (default: inline up to 16 MiB)")

    static let spec = CommandSpec(
        name: "report", summary: "Make report.html of an output folder: every clip with its picture.",
        operands: "OUTPUT",
        operandCount: 1...1, flags: [pictures], example: "clipship report out/post-session")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let output = OutputFolder(arguments.operands[0])
        guard (try? FileIdentity(of: output.report)) != nil else {
            throw Failure("\(arguments.operands[0]) is no output folder: there is no batch.json in it", .usage)
        }
        let pictures = try arguments.choice(pictures, ReportPage.Pictures.allCases.map { ($0.rawValue, $0) })
        try await BlockingPool("report", width: 1).run { try ReportPage(of: output, pictures: pictures).write() }
        console.print(Path.shown(output.page))
        return .success
    }
}
