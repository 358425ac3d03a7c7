import ClipModel
import FoundationEssentials
import SystemIO

/// `hooks.afterCompute`: a command that is told where the instance is, by its environment and as JSON on its standard
/// input.
public struct ComputeHook: Sendable {
    let line: String
    /// Variables of this process that the command must not see: what holds a token.
    var hidden: Set<String> = []

    /// Seconds.
    private static let limit = 300

    /// Runs the command to its end; what it printed.
    func run(_ report: ServerReport) async throws(ClipFailure) -> String {
        do throws(ShellCommandError) {
            let facts = (try? CanonicalJSON.document(report)) ?? Data()
            let output = try await ShellCommand.output(
                of: line, input: facts, environment: Self.environment(report), hiding: hidden, limit: Self.limit)
            let text = String(decoding: output, as: UTF8.self)
            let lines = text.split(whereSeparator: \.isNewline).joined(separator: "\n")
            return "afterCompute: \(lines.isEmpty ? "done" : lines)"
        } catch {
            if error.isInterruption { throw .interrupted }
            throw ClipFailure(
                .temporary, "the command of hooks.afterCompute (\(line)) \(error); run the same command again to go on")
        }
    }

    /// `CLIPSHIP_PORT_GAME=30001` for the port named `game`, and so on.
    static func environment(_ report: ServerReport) -> [String: String] {
        var variables = [
            "CLIPSHIP_TITLE_ID": String(report.titleId), "CLIPSHIP_SESSION_ID": report.sessionId,
            "CLIPSHIP_HOST_NAME": report.hostName ?? "", "CLIPSHIP_REGION": report.region ?? "",
            "CLIPSHIP_SESSION_HOST_ID": report.sessionHostId ?? "",
        ]
        for port in report.ports {
            let name = port.name.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
            variables["CLIPSHIP_PORT_\(String(name))"] = String(port.external)
        }
        return variables.mapValues { $0.filter { $0 != "\0" } }
    }
}
