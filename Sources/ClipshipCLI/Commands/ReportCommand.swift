import Pipeline
import SystemIO

/// `clipship report`: the page of a batch, whoever made it.
enum ReportCommand: Command {
    static let page = Flag(
        name: "--output", value: "FILE", help: "write the page here (default: report.html in the output folder)")

    static let spec = CommandSpec(
        name: "report", summary: "Make a page of pictures, numbers and reasons from an output folder.",
        operands: "OUTPUT", operandCount: 1...1, flags: [page, .reportPictures],
        example: "clipship report out/post-session")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let output = OutputFolder(arguments.operands[0])
        do throws(FileError) {
            _ = try FileIdentity(of: output.report)
        } catch {
            guard error.isNotFound else { throw error }
            throw Failure("\(arguments.operands[0]) is no output folder: there is no batch.json in it", .usage)
        }
        let options = try arguments.reportPictures() ?? .automatic
        let path = arguments.string(page).map(Path.absolute) ?? output.page
        let count = try await ReportPage(of: output, options).write(to: path)
        console.info("\(count) clip\(count == 1 ? "" : "s") in \(Path.shown(path))")
        return .success
    }
}

extension Flag {
    static let reportPictures = Flag(
        name: "--report-pictures", value: "WHERE",
        help: "in report.html: inline, or linked to the thumbnails (default: inline up to 500 clips)",
        choices: ["inline", "linked"])
}

extension Arguments {
    /// `--report-pictures`.
    func reportPictures() throws(UsageError) -> ReportOptions? {
        try choice(.reportPictures, [("inline", .inline), ("linked", .linked)])
    }
}
