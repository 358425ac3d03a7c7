import ClipModel
import FoundationEssentials

/// `hooks.afterCompute`: a command that is told where the instance is, by its environment and as JSON on its standard
/// input.
public struct ComputeHook: Sendable {
    private let command: HookCommand

    /// - Parameters:
    ///   - folder: Where it is run; nil for where this program is.
    ///   - hidden: Variables of this process that the command must not see.
    init(line: String, folder: String? = nil, hidden: Set<String> = []) {
        command = HookCommand(name: "afterCompute", line: line, folder: folder, hidden: hidden)
    }

    /// Runs the command to its end; what it printed.
    func run(_ report: ServerReport) async throws(ClipFailure) -> String {
        let facts = (try? CanonicalJSON.document(report)) ?? Data()
        let printed = try await command.run(facts, Self.environment(report))
        return "afterCompute: \(printed.isEmpty ? "done" : printed)"
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
        return variables
    }
}
