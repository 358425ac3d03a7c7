import ClipModel
import FoundationEssentials
import Journal
import Pipeline
import SystemIO

/// `clipship status`: what the journal of an output folder knows, and what the service has that it does not know of.
enum StatusCommand: Command {
    static let reconcile = Flag(
        name: "--reconcile",
        help:
            "show the ids on the service that wait for bytes and belong to no manifest of this folder, or to a lost MP4"
    )
    static let fix = Flag(
        name: "--fix",
        help: "with --reconcile: remove those that clipship has asked for, here or elsewhere, and forget them here")

    static let spec = CommandSpec(
        name: "status", summary: "Say what the journal of an output folder knows of each clip.", operands: "OUTPUT",
        operandCount: 1...1,
        flags: [.format, reconcile, fix, .service, .tokenEnv, .tokenFile, .tokenCommand],
        example: "clipship status out/post-session")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let wantsJSON = try arguments.wantsJSON()
        let output = OutputFolder(arguments.operands[0])
        guard (try? FileIdentity(of: output.journal)) != nil else {
            throw Failure("\(arguments.operands[0]) is no output folder: there is no journal.db in it", .usage)
        }
        if arguments.isSet(reconcile) {
            let fixes = arguments.isSet(fix)
            return try await ServiceCalls.run(arguments, output, console) { session, target in
                let unused = try await UnusedUploads(in: output, of: target, session)
                return try await show(unused, fixes: fixes, wantsJSON: wantsJSON, console)
            }
        }
        guard !arguments.isSet(fix) else {
            throw UsageError("--fix goes with --reconcile, which shows what it removes", command: spec.name)
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

    /// The journal's states as the table of a run calls them; those between have no other name.
    private static let words = [
        "prepared": "ready", "refused": "failed", "intended": "requesting", "requested": "uploading",
        "committed": "uploaded",
    ]

    private static func table(of entries: [JournalEntry], _ colour: Colour) -> String {
        var table = Table(columns: [
            .init(title: "CLIP"), .init(title: "STATE"), .init(title: "BLOCKS", alignment: .right),
            .init(title: "SERVICE"), .init(title: "ID OR REASON"),
        ])
        for entry in entries {
            let done = entry.acknowledgedBlocks
            let blocks = entry.expectedBlocks.map { "\(done)/\($0)" } ?? (done > 0 ? "\(done)" : "-")
            table.rows.append([
                .init(entry.clip), .init(words[entry.state] ?? entry.state), .init(blocks),
                .init(entry.service ?? "-"), .init(entry.reason ?? entry.gameClipId ?? ""),
            ])
        }
        return table.rendered(colour)
    }

    /// Removes what may be removed if it is to, and shows all.
    private static func show(
        _ unused: UnusedUploads, fixes: Bool, wantsJSON: Bool, _ console: Console
    ) async throws -> ExitCode {
        let uploads = try await unused.find()
        let removed = fixes ? try await unused.remove(uploads) : []
        guard !wantsJSON else {
            for upload in uploads { console.print(try CanonicalJSON.line(upload)) }
            return .success
        }
        guard !uploads.isEmpty else {
            console.info("every id that waits for bytes belongs to a manifest of this folder")
            return .success
        }
        var table = Table(columns: [
            .init(title: "ID"), .init(title: "SCID"), .init(title: "RECORDED"), .init(title: "WHAT"),
            .init(title: "CAPTION"),
        ])
        for upload in uploads {
            let ours = removed.contains(upload) ? "removed" : fixes ? "in use by now" : "unused"
            let what = upload.isOfClipship ? ours : "of another program"
            table.rows.append([
                .init(upload.gameClipId), .init(upload.scid), .init(upload.dateRecorded ?? "-"), .init(what),
                .init(upload.userCaption ?? ""),
            ])
        }
        console.print(table.rendered(console.colour))
        let count = uploads.count(where: \.isOfClipship)
        if !fixes, count > 0 { console.info("\(count) can be removed: run this again with --fix") }
        return .success
    }
}
