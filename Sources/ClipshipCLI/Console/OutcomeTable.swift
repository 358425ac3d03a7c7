import ClipModel
import FoundationEssentials
import Journal
import Pipeline

extension BatchOutcome {
    /// Clips that are where they should be, or are not for a reason that is said below, are told of one by one up to this many.
    private static let mostShown = 20

    /// The table at the end of a run: clip, duration, size, blocks, state, and the id or the reason why there is none.
    /// Those that failed come last and in full; of many others only the first.
    ///
    /// - Parameter showsAll: However many they are.
    func table(_ colour: Colour, showsAll: Bool) -> String {
        var table = Table(columns: [
            .init(title: "CLIP"), .init(title: "DURATION", alignment: .right), .init(title: "SIZE", alignment: .right),
            .init(title: "BLOCKS", alignment: .right), .init(title: "STATE"), .init(title: "ID OR REASON"),
        ])
        let causes = commonCauses
        let isCommon = { (row: Row) in
            row.failure.map { $0.kind == .interrupted || row.entry.state != .failed && causes.contains($0) } ?? true
        }
        let common = rows.filter(isCommon)
        let shown = showsAll || common.count <= Self.mostShown ? common : Array(common.prefix(Self.mostShown / 2))
        let rest = common.dropFirst(shown.count)
        let others = rows.filter { !isCommon($0) && $0.entry.state != .failed }
        let failed = rows.filter { !isCommon($0) && $0.entry.state == .failed }
        for row in shown { table.rows.append(Self.cells(for: row, hasReason: false, colour)) }
        if !rest.isEmpty {
            let states = BatchReport.State.allCases.compactMap { state in
                let count = rest.count { $0.entry.state == state }
                return count > 0 ? "\(count) \(state.rawValue)" : nil
            }
            table.rows.append([
                .init("..."), "", "", "", .init(states.joined(separator: ", ")),
                .init("batch.json has each of them, and so has --verbose"),
            ])
        }
        for row in others + failed { table.rows.append(Self.cells(for: row, hasReason: true, colour)) }
        return table.rendered(colour)
    }

    private static func cells(for row: Row, hasReason: Bool, _ colour: Colour) -> [Table.Cell] {
        let summary = row.summary
        let state = row.entry.state
        // What clips have in common is said once, below the table.
        let reason = hasReason ? row.entry.reason : nil
        return [
            Table.Cell(row.entry.clip),
            Table.Cell(summary.map { Format.seconds($0.durationSeconds) } ?? "-"),
            Table.Cell(summary?.size.description ?? "-"),
            Table.Cell(summary.map { String($0.blockCount) } ?? "-"),
            Table.Cell(state.rawValue) { state.painted($0, row.failure == nil, colour) },
            Table.Cell(reason ?? row.entry.gameClipId ?? ""),
        ]
    }

    /// One line: how many clips are where, and whether anything had to be done for them.
    var summary: String {
        let counts = BatchReport.State.allCases.compactMap { state in
            report.totals[state.rawValue].flatMap { $0 > 0 ? "\($0) \(state.rawValue)" : nil }
        }
        let line = counts.joined(separator: ", ")
        let updated = rows.count(where: \.isUpdated)
        let unchanged = rows.count(where: \.isUnchanged)
        if updated > 0 {
            return "\(line); \(updated) updated (caption, visibility or title data)"
                + (unchanged > 0 ? ", \(unchanged) unchanged" : "")
        }
        if unchanged == 0 { return line }
        return unchanged == rows.count
            ? "\(line); nothing has changed, so nothing was done" : "\(line); \(unchanged) unchanged"
    }

    /// What was sent, in what time, at what rate; nil where nothing was. What is kept for a run to which nothing is left
    /// to do is said of that run.
    var traffic: String? {
        guard !rows.allSatisfy(\.isUnchanged) else { return nil }
        let bytes = timings.upload.bytes.reduce(0, &+)
        let seconds = timings.ended.date.timeIntervalSince(timings.began.date)
        guard bytes > 0, seconds > 0 else { return nil }
        let rate = ByteCount(Int64(min(Double(bytes) / seconds, 1e15)))
        return "\(ByteCount(bytes)) sent in \(ProgressOverview.clock(.seconds(seconds))), \(rate)/s"
    }

    /// How many clips wait for the next run because this one was interrupted; nil for none.
    var interruption: String? {
        let count = rows.count { $0.failure?.kind == .interrupted }
        guard count > 0 else { return nil }
        return "\(count == 1 ? "1 clip" : "\(count) clips") interrupted; run the same command again to go on"
    }
}

/// Figures for people.
enum Format {
    /// What a service says of a time: to the second, in UTC. One without a zone is said to have none; what is no time is
    /// shown as it is.
    static func date(_ text: String) -> String {
        if let time = Timestamp(parsing: text) { return Timestamp(seconds: time.seconds).description }
        return Timestamp(parsing: "\(text)Z") == nil ? text : "\(text) (no zone)"
    }

    /// `27.03 s`.
    static func seconds(_ seconds: Double) -> String {
        let hundredths = Int64(clamping: Int((min(max(seconds, 0), 1e12) * 100).rounded()))
        let rest = String(hundredths % 100)
        return "\(hundredths / 100).\(rest.count == 1 ? "0" : "")\(rest) s"
    }
}
