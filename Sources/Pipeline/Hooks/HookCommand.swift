import FoundationEssentials
import SystemIO

/// A command of the `hooks` section: it is told what happened by its environment, and as JSON on its standard input.
struct HookCommand: Sendable {
    /// As the section calls it.
    let name: String
    let line: String
    /// Where it is run: the folder of the file that names it; nil for where this program is.
    var folder: String?
    /// Variables of this process that it must not see: what holds a token.
    var hidden: Set<String> = []

    /// Seconds.
    private static let limit = 300

    /// Runs the command to its end; what it printed, without empty lines.
    ///
    /// - Throws: `.interrupted` when the task is cancelled, a temporary failure when the command failed.
    func run(_ facts: Data, _ variables: [String: String]) async throws(ClipFailure) -> String {
        do throws(ShellCommandError) {
            let output = try await ShellCommand.output(
                of: line, in: folder, input: facts, environment: variables.mapValues { $0.filter { $0 != "\0" } },
                hiding: hidden, limit: Self.limit)
            return String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline).joined(separator: "\n")
        } catch {
            if error.isInterruption { throw .interrupted }
            throw ClipFailure(
                .temporary, "the command of hooks.\(name) (\(line)) \(error); run the same command again to go on")
        }
    }
}
