import Glibc
import Pipeline
import SystemIO
import XboxServices
import Support

/// `clipship clip delete`: for good, so it asks first.
enum ClipDeleteCommand: Command {
    static let yes = Flag(name: "--yes", help: "do not ask")

    static let spec = CommandSpec(
        name: "clip delete", summary: "Delete clips for good; asks before each one.", operands: "ID...",
        operandCount: 1...Int.max, flags: [.scid, yes, .format] + Flag.serviceFlags,
        example: "clipship clip delete 1f4a06a4-3cf5-4e04-9d93-1d54c4d542a6 "
            + "--scid 00000000-0000-0012-0023-000000000070 --yes --output out/post-session")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let (scid, ids, isSure) = (try arguments.requiredSCID(), arguments.operands, arguments.isSet(yes))
        let canAsk = Terminal.size(of: STDIN_FILENO) != nil && Terminal.size(of: STDERR_FILENO) != nil
        guard isSure || canAsk else {
            throw UsageError(
                "there is no terminal to ask on: give --yes to delete without a question", command: spec.name)
        }
        return try await ServiceCalls.run(arguments, console) { session, target in
            let folder = try await folder(of: arguments, target)
            let client = GameClipsClient(session)
            var code = ExitCode.success
            for id in ids {
                if !isSure, try await !confirms(id, scid: scid, client, console) {
                    console.info("\(id): kept")
                    continue
                }
                switch try await client.deleteClip(id, scid: scid) {
                case .deleted:
                    try console.show(["gameClipId": .string(id), "deleted": true], "\(id): deleted")
                    if let clip = try await folder?.note(deleted: id) {
                        console.info("\(id): noted as deleted for \(clip)")
                    }
                case .alreadyGone:
                    if console.resultsAreJSON { try console.show(["gameClipId": .string(id), "deleted": false], "") }
                    console.error("\(id): there is no such clip")
                    _ = try await folder?.note(deleted: id)
                    code = .someFailed
                }
            }
            return code
        }
    }

    /// The output folder whose journal may know the clips; nil if none was given, or nothing was submitted from it.
    private static func folder(of arguments: Arguments, _ target: ServiceTarget) async throws -> PublishedClips? {
        guard let path = arguments.string(.localOutput) else { return nil }
        let output = OutputFolder(path)
        guard (try? FileIdentity(of: output.journal)) != nil else { return nil }
        return try await PublishedClips(in: output, of: target)
    }

    private static func confirms(
        _ id: String, scid: String, _ client: GameClipsClient, _ console: Console
    ) async throws -> Bool {
        let clip = try await client.clip(id, scid: scid)
        let caption = clip.userCaption.map { " (\"\(TerminalText.onOneLine($0))\")" } ?? ""
        console.ask("delete \(id)\(caption) for good? [y/N] ")
        let answer = await BlockingPool("answer", width: 1).run { readLine() }
        return ["y", "yes"].contains(answer?.lowercased())
    }
}
