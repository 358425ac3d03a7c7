import ClipModel
import SQLite

extension ClipRecords {
    /// Which clips a list shows.
    struct Filter: Sendable {
        /// Nil for everybody's.
        var xuid: String?
        /// In lower case, those that the caller may use; nil for any.
        var scids: [String]?
        /// Nil for any.
        var titleId: String?
        /// Only what its user has saved.
        var isSaved: Bool
        var sandbox: String
        var audience: Audience
        /// A clip with any of these; empty for all clips.
        var types: [GameClipType]
        var eventId: String?
        /// Only clips that were asked for until then; nil for all.
        var latest: Timestamp?
    }

    enum Audience: Sendable {
        /// Sees everything that is not deleted.
        case owner
        /// See what is published for everybody, or for those who play the same title.
        case others(titleId: JSONValue?)
        /// See what is published for everybody.
        case everybody
    }

    /// What a list is sorted by.
    enum Qualifier: String, Sendable, CaseIterable {
        case created, rating, views

        fileprivate var column: String {
            switch self {
            case .created: "sequence"
            case .rating: "rating"
            case .views: "views"
            }
        }
    }

    struct Order: Hashable, Sendable {
        var qualifier: Qualifier
        var isAscending: Bool
    }

    /// The place of a clip in a list: pages that start after one stay right when clips come and go.
    struct Position: Hashable, Sendable {
        var value: Double
        var sequence: Int64
    }

    enum Start: Hashable, Sendable {
        case skipping(Int)
        case after(Position)
    }

    struct Page: Sendable {
        var clips: [ClipRow]
        /// The place of the last clip here if there are more after it.
        var next: Position?
        /// How many clips there are on all pages.
        var total: Int
    }

    /// One page of a list.
    func page(_ filter: Filter, order: Order, start: Start, count: Int) throws(SQLiteError) -> Page {
        let (condition, values) = filter.condition
        let column = order.qualifier.column
        let direction = order.isAscending ? "ASC" : "DESC"
        var clause = condition
        var clauseValues = values
        var offset = 0
        switch start {
        case .skipping(let number): offset = number
        case .after(let position):
            clause += " AND (\(column), sequence) \(order.isAscending ? ">" : "<") (?, ?)"
            clauseValues += [.real(position.value), .integer(position.sequence)]
        }
        clause += " ORDER BY \(column) \(direction), sequence \(direction) LIMIT ? OFFSET ?"
        clauseValues += [.integer(Int64(count + 1)), .integer(Int64(offset))]
        return try database.withLock { (database) throws(SQLiteError) in
            let total = try database.query("SELECT COUNT(*) FROM clips \(condition)", values) {
                row throws(SQLiteError) in Int(row.integer(0))
            }
            var clips = try Self.select(clause, clauseValues, in: database)
            let hasMore = clips.count > count
            clips = Array(clips.prefix(count))
            let next = hasMore ? clips.last.map { Position(of: $0, order.qualifier) } : nil
            return Page(clips: clips, next: next, total: total.first ?? 0)
        }
    }
}

extension ClipRecords.Filter {
    fileprivate var condition: (String, [SQLiteValue]) {
        var terms = ["sandbox = ?", "state != 'Deleted'"]
        var values: [SQLiteValue] = [.text(sandbox)]
        if let xuid {
            terms.append("xuid = ?")
            values.append(.text(xuid))
        }
        if let titleId {
            terms.append("trim(title_id, '\"') = ?")
            values.append(.text(titleId))
        }
        if isSaved { terms.append("json_extract(request, '$.savedByUser') = 1") }
        if let scids {
            terms.append("scid IN (\(scids.map { _ in "?" }.joined(separator: ", ")))")
            values += scids.map { .text($0) }
        }
        switch audience {
        case .owner: break
        case .others(let titleId):
            terms.append("state = 'Published'")
            terms.append("(visibility = 'Public' OR (visibility = 'Title' AND trim(title_id, '\"') = ?))")
            values.append(.text(titleId?.text))
        case .everybody: terms.append("state = 'Published' AND visibility = 'Public'")
        }
        if !types.isEmpty {
            terms.append("(" + types.map { _ in "instr(types, ?)" }.joined(separator: " OR ") + ")")
            values += types.map { .text(",\($0.rawValue),") }
        }
        if let eventId {
            terms.append("json_extract(request, '$.greatestMomentId') = ?")
            values.append(.text(eventId))
        }
        if let latest {
            // Times are text in which a fraction has no trailing zeros: without the Z, their order is that of text.
            terms.append("rtrim(created, 'Z') <= rtrim(?, 'Z')")
            values.append(.text(latest.description))
        }
        return ("WHERE " + terms.joined(separator: " AND "), values)
    }
}

extension ClipRecords.Position {
    init(of clip: ClipRow, _ qualifier: ClipRecords.Qualifier) {
        let value =
            switch qualifier {
            case .created: Double(clip.sequence)
            case .rating: clip.rating
            case .views: Double(clip.views)
            }
        self.init(value: value, sequence: clip.sequence)
    }

    /// The place as text of at most 36 characters, good for this order only.
    func token(_ order: ClipRecords.Order) -> String {
        "\(Self.mark(order))\(String(value.bitPattern, radix: 16)).\(String(sequence, radix: 16))"
    }

    /// Reads a token of this order; nil for any other text.
    init?(token: String, _ order: ClipRecords.Order) {
        let mark = Self.mark(order)
        let parts = token.dropFirst(mark.count).split(separator: ".", omittingEmptySubsequences: false)
        guard token.hasPrefix(mark), parts.count == 2, let bits = UInt64(parts[0], radix: 16),
            let sequence = Int64(parts[1], radix: 16), sequence >= 0
        else { return nil }
        let value = Double(bitPattern: bits)
        guard value.isFinite else { return nil }
        self.init(value: value, sequence: sequence)
    }

    private static func mark(_ order: ClipRecords.Order) -> String {
        "\(order.qualifier.rawValue.prefix(1))\(order.isAscending ? "a" : "d")"
    }
}
