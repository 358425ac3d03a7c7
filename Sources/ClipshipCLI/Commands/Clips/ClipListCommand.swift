import ClipModel
import XboxServices

/// `clipship clip list`: clips page by page, each printed as it comes.
enum ClipListCommand: Command {
    static let maxItems = Flag(name: "--max-items", value: "N", help: "clips on a page at most")
    static let skipItems = Flag(name: "--skip-items", value: "N", help: "clips to leave out at the start")
    static let continuationToken = Flag(
        name: "--continuation-token", value: "TOKEN", help: "go on where another list ended; beats --skip-items")
    static let pages = Flag(
        name: "--pages", value: "N", help: "pages at most (default: all); the token to go on with is then told")
    static let order = Flag(name: "--order", value: "ORDER", help: "D: the newest or highest first (default), or A")
    static let qualifier = Flag(
        name: "--qualifier", value: "WHAT", help: "what the order is of: created (default), rating or views")
    static let type = Flag(name: "--type", value: "TYPES", help: "only these, such as \"MagicMoment, Achievement\"")
    static let event = Flag(name: "--event-id", value: "ID", help: "only clips of this event")

    static let title = Flag(name: "--title", value: "ID", help: "only clips of this title, by its number")
    static let saved = Flag(name: "--saved", help: "only clips that the user has saved")
    static let publicClips = Flag(name: "--public", help: "everybody's public clips, with --title or --scid")

    static let spec = CommandSpec(
        name: "clip list", summary: "List clips: of a title, of a service configuration, or all.", operands: "",
        operandCount: 0...0,
        flags: [
            .scid, title, .owner, publicClips, saved, .format, maxItems, skipItems, continuationToken, pages, order,
            qualifier, type, event,
        ] + Flag.serviceFlags,
        example: "clipship clip list --format json --output out/post-session")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let wantsJSON = try arguments.wantsJSON()
        let (list, query) = (try list(from: arguments), try query(from: arguments))
        let mostPages = try arguments.integer(pages, in: 1...Int64(Int32.max)) ?? .max
        return try await ServiceCalls.run(arguments, console) { session in
            var pages = GameClipsClient(session).clipPages(of: list, query).makeAsyncIterator()
            var widths: [Int] = []
            var number: Int64 = 0
            while number < mostPages, let page = try await pages.next(isolation: nil) {
                number += 1
                if wantsJSON {
                    for clip in page.gameClips { console.print(try CanonicalJSON.line(clip)) }
                } else if number == 1 || !page.gameClips.isEmpty {
                    console.print(table(of: page.gameClips).rendered(console.colour, continuing: &widths))
                }
                if number == mostPages, let token = page.pagingInfo?.continuationToken, !token.isEmpty {
                    console.info("there are more: --continuation-token \(token)")
                }
            }
            return .success
        }
    }

    private static func list(from arguments: Arguments) throws(UsageError) -> ClipList {
        let scid = try arguments.scid()
        let number = try arguments.integer(title, in: 0...Int64(UInt32.max)).map { UInt32($0) }
        guard scid == nil || number == nil else {
            throw UsageError("--title and --scid: a list is of one of them", command: spec.name)
        }
        let scope = number.map { ClipList.Scope.title($0) } ?? scid.map { .scid($0) } ?? .everything
        let isSaved = arguments.isSet(saved)
        guard scid == nil || !isSaved else {
            throw UsageError(
                "--saved: the service has such a list of a title or of everything, not of a --scid", command: spec.name)
        }
        guard arguments.isSet(publicClips) else {
            return ClipList(owner: try arguments.owner(), scope, isSaved: isSaved)
        }
        guard scope != .everything, arguments.string(.owner) == nil else {
            throw UsageError("--public needs --title or --scid, and no --owner", command: spec.name)
        }
        return ClipList(owner: nil, scope, isSaved: isSaved)
    }

    private static func query(from arguments: Arguments) throws(UsageError) -> ClipQuery {
        var query = ClipQuery()
        query.maxItems = try arguments.integer(maxItems, in: 1...Int64(Int32.max)).map(Int.init)
        query.skipItems = try arguments.integer(skipItems, in: 0...Int64(Int32.max)).map(Int.init)
        query.continuationToken = try arguments.value(continuationToken, "a token of at most 36 characters") {
            (1...36).contains($0.count) ? $0 : nil
        }
        query.order = try arguments.choice(order, [("A", .ascending), ("D", .descending)])
        query.qualifier = try arguments.choice(
            qualifier, [("created", .created), ("rating", .rating), ("views", .views)])
        query.types = try arguments.value(type, "types such as \"MagicMoment, Achievement\"") { text in
            let types = GameClipTypes(parsing: text)
            return types.types.isEmpty ? nil : types
        }
        query.eventId = arguments.string(event)
        return query
    }

    private static func table(of clips: [WithUnknownFields<GameClip>]) -> Table {
        var table = Table(columns: [
            .init(title: "ID"), .init(title: "STATE"), .init(title: "RECORDED"),
            .init(title: "SECONDS", alignment: .right), .init(title: "VIEWS", alignment: .right),
            .init(title: "RATING", alignment: .right), .init(title: "TYPE"), .init(title: "CAPTION"),
        ])
        for clip in clips {
            let cells: [String] = [
                clip.known.identifier ?? "?", clip.state?.rawValue ?? "-",
                clip.dateRecorded.map(Format.date) ?? "-", clip.durationInSeconds.map(String.init) ?? "-",
                clip.views.map(String.init) ?? "-", clip.rating.map { String($0) } ?? "-",
                clip.type?.description ?? "-", clip.userCaption ?? "",
            ]
            table.rows.append(cells.map { Table.Cell($0) })
        }
        return table
    }
}
