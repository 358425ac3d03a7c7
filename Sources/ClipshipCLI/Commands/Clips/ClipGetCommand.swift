import ClipModel
import FoundationEssentials
import XboxServices

/// `clipship clip get`: what the service knows of one clip.
enum ClipGetCommand: Command {
    static let spec = CommandSpec(
        name: "clip get", summary: "Say what the service knows of a clip; refreshes its addresses.", operands: "ID",
        operandCount: 1...1, flags: [.scid, .owner, .format] + Flag.serviceFlags,
        example: "clipship clip get 1f4a06a4-3cf5-4e04-9d93-1d54c4d542a6 "
            + "--scid 00000000-0000-0012-0023-000000000070 --output out/post-session")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let wantsJSON = try arguments.wantsJSON()
        let (scid, owner, id) = (try arguments.requiredSCID(), try arguments.owner(), arguments.operands[0])
        return try await ServiceCalls.run(arguments, console) { session in
            let clip = try await GameClipsClient(session).clip(id, owner: owner, scid: scid)
            if wantsJSON {
                console.print(try CanonicalJSON.line(clip))
            } else {
                console.print(try table(of: clip).rendered(console.colour))
            }
            return .success
        }
    }

    /// Every member that the service sent, in the order of the reference, then what no page lists.
    private static func table(of clip: WithUnknownFields<GameClip>) throws -> Table {
        let members = try JSONDecoder().decode([String: JSONValue].self, from: CanonicalJSON.line(clip))
        var table = Table(columns: [.init(title: "MEMBER"), .init(title: "VALUE")])
        for name in GameClip.CodingKeys.allCases.map(\.stringValue) + clip.others.keys.sorted() {
            guard let value = members[name], value != .null, name != "thumbnails", name != "gameClipUris" else {
                continue
            }
            let text = try value.text ?? String(decoding: CanonicalJSON.line(value), as: UTF8.self)
            table.rows.append([.init(name), .init(text)])
        }
        for picture in clip.thumbnails ?? [] {
            let size = picture.fileSize.map { " (\(ByteCount($0)))" } ?? ""
            table.rows.append([.init("thumbnail \(picture.thumbnailType?.rawValue ?? "?")"), .init(picture.uri + size)])
        }
        for uri in clip.gameClipUris ?? [] {
            let size = uri.fileSize.map { " (\(ByteCount($0)))" } ?? ""
            let expiry = uri.expiration.map { ", until \($0)" } ?? ""
            table.rows.append([.init("uri \(uri.uriType?.rawValue ?? "?")"), .init(uri.uri + size + expiry)])
        }
        return table
    }
}
