import ClipModel
import FoundationEssentials
import Journal
import Pipeline
import SystemIO

/// `clipship status`: what the journal of an output folder knows.
enum StatusCommand: Command {
    static let spec = CommandSpec(
        name: "status", summary: "Say what the journal of an output folder knows of each clip.", operands: "OUTPUT",
        operandCount: 1...1, flags: [.format], example: "clipship status out/post-session")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let wantsJSON = try arguments.wantsJSON()
        let output = OutputFolder(arguments.operands[0])
        guard (try? FileIdentity(of: output.journal)) != nil else {
            throw Failure("\(arguments.operands[0]) is no output folder: there is no journal.db in it", .usage)
        }
        let entries: [JournalEntry]
        do {
            entries = try await BlockingPool("journal", width: 1).run {
                try JournalOverview.entries(path: output.journal)
            }
        } catch {
            throw RunError.journal(path: output.journal, error)
        }
        if wantsJSON {
            for entry in entries { console.print(try CanonicalJSON.line(entry)) }
        } else {
            console.print(table(of: entries, console.colour))
        }
        return .success
    }

    private static func table(of entries: [JournalEntry], _ colour: Colour) -> String {
        var table = Table(columns: [
            .init(title: "CLIP"), .init(title: "STATE"), .init(title: "BLOCKS", alignment: .right),
            .init(title: "SERVICE"), .init(title: "ID OR REASON"),
        ])
        for entry in entries {
            let total = entry.expectedBlocks.map(String.init) ?? "?"
            table.rows.append([
                .init(entry.clip), .init(entry.state), .init("\(entry.acknowledgedBlocks)/\(total)"),
                .init(entry.service ?? "-"), .init(entry.reason ?? entry.gameClipId ?? ""),
            ])
        }
        return table.rendered(colour)
    }
}
