import ClipModel
import SystemIO
import XboxServices

/// `clipship clip download`: a published clip or one of its thumbnails into a file.
enum ClipDownloadCommand: Command {
    static let uriType = Flag(
        name: "--uri-type", value: "TYPE", help: "which of the clip's files (default: Download, else Original)")
    static let thumbnail = Flag(
        name: "--thumbnail", value: "SIZE", help: "large or small: this thumbnail instead of the clip")

    static let force = Flag(name: "--force", help: "replace a file that is there")

    static let spec = CommandSpec(
        name: "clip download",
        summary: "Fetch a published clip or a thumbnail; goes on where an interrupted download ended.",
        operands: "ID FILE", operandCount: 2...2,
        flags: [.scid, .owner, uriType, thumbnail, force, .allowHost, .format] + Flag.serviceFlags,
        example: "clipship clip download 1f4a06a4-3cf5-4e04-9d93-1d54c4d542a6 boss.mp4 "
            + "--scid 00000000-0000-0012-0023-000000000070 --output out/post-session")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let (id, path) = (arguments.operands[0], arguments.operands[1])
        let (scid, owner) = (try arguments.requiredSCID(), try arguments.owner())
        let wanted = try wanted(by: arguments)
        // What can't be looked at fails when it is written.
        guard (try? FileIdentity(of: path))?.kind != .folder else {
            throw UsageError("\(path) is a folder: give the name of a file in it", command: spec.name)
        }
        return try await ServiceCalls.run(arguments, console) { session in
            let client = GameClipsClient(session)
            let clip = try await client.clip(id, owner: owner, scid: scid)
            guard let source = wanted.source(in: clip) else { throw wanted.failure(clip, id: id) }
            // What can't be looked at is found out when it is written.
            if !arguments.isSet(force), let there = try? FileIdentity(of: path) {
                let size = ByteCount(there.size)
                guard there.kind == .regular, there.size == source.size else {
                    throw Failure(
                        "\(path) is there, with \(size), and is not what the service has: --force replaces it", .usage)
                }
                console.info("\(path) is there, with as many bytes as the service has; --force fetches it again")
                if console.resultsAreJSON { try console.show(Self.facts(id, path, size), "") }
                return .success
            }
            let download = ClipDownload(
                client: client, source: source, path: path, tag: "\(id)/\(wanted.name)/\(source.size ?? -1)",
                console: console)
            let size = try await download.run()
            if console.resultsAreJSON {
                try console.show(Self.facts(id, path, size), "")
            } else {
                console.info("\(path): \(size)")
            }
            return .success
        }
    }

    private static func facts(_ id: String, _ path: String, _ size: ByteCount) -> [String: JSONValue] {
        ["gameClipId": .string(id), "file": .string(path), "bytes": .integer(size.bytes)]
    }

    private static func wanted(by arguments: Arguments) throws(UsageError) -> WantedFile {
        let size = try arguments.choice(thumbnail, [("large", ThumbnailType.large), ("small", .small)])
        let files = GameClipUriType.listed.filter { $0 == .download || $0 == .original }
        let type = try arguments.choice(uriType, files.map { ($0.rawValue, $0) })
        switch (size, type) {
        case (let size?, nil): return .thumbnail(size)
        case (nil, let type): return .clip(type)
        case (.some, .some): throw UsageError("give either --thumbnail or --uri-type", command: spec.name)
        }
    }
}

/// Which of a clip's files.
private enum WantedFile: Sendable {
    /// Nil for the one that is best to keep.
    case clip(GameClipUriType?)
    case thumbnail(ThumbnailType)

    var name: String {
        switch self {
        case .clip(let type): type?.rawValue ?? "clip"
        case .thumbnail(let type): "thumbnail \(type.rawValue)"
        }
    }

    func source(in clip: WithUnknownFields<GameClip>) -> ClipDownload.Source? {
        switch self {
        case .clip(let type):
            let types = type.map { [$0] } ?? [.download, .original]
            let found = types.lazy.compactMap { type in clip.gameClipUris?.first { $0.uriType == type } }.first
            return found.map { ClipDownload.Source(uri: $0.uri, size: $0.fileSize) }
        case .thumbnail(let type):
            let found = clip.thumbnails?.first { $0.thumbnailType == type }
            return found.map { ClipDownload.Source(uri: $0.uri, size: $0.fileSize) }
        }
    }

    /// Why there is nothing to fetch.
    func failure(_ clip: WithUnknownFields<GameClip>, id: String) -> Failure {
        let state = clip.state ?? .none
        switch state.outlook {
        case .underWay, .waitingForBlocks:
            return Failure("clip \(id) is not published yet (\(state)); run this again later", .temporary)
        case .published, .lost:
            let kind =
                switch self {
                case .clip(let type): type.map { "no file of the type \($0)" } ?? "no file to download"
                case .thumbnail(let type): "no \(type.rawValue.lowercased()) thumbnail"
                }
            return Failure("clip \(id) (\(state)) has \(kind)", .someFailed)
        }
    }
}
