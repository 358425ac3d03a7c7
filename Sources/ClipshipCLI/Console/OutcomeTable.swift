import ClipModel
import Journal
import Pipeline

extension BatchOutcome {
    /// The table at the end of a run: clip, duration, size, blocks, state, and the id or the reason why there is none.
    func table(_ colour: Colour) -> String {
        var table = Table(columns: [
            .init(title: "CLIP"), .init(title: "DURATION", alignment: .right), .init(title: "SIZE", alignment: .right),
            .init(title: "BLOCKS", alignment: .right), .init(title: "STATE"), .init(title: "ID OR REASON"),
        ])
        for row in rows {
            let summary = row.summary
            table.rows.append([
                Table.Cell(row.entry.clip),
                Table.Cell(summary.map { Format.seconds($0.durationSeconds) } ?? "-"),
                Table.Cell(summary?.size.description ?? "-"),
                Table.Cell(summary.map { String($0.blockCount) } ?? "-"),
                Self.cell(for: row, colour),
                Table.Cell(row.entry.reason ?? row.entry.gameClipId ?? ""),
            ])
        }
        return table.rendered(colour)
    }

    private static func cell(for row: Row, _ colour: Colour) -> Table.Cell {
        let text = row.entry.state.rawValue
        switch row.entry.state {
        case .published, .uploaded: return Table.Cell(text) { colour.green($0) }
        case .ready where row.failure == nil: return Table.Cell(text) { colour.green($0) }
        case .ready, .skipped: return Table.Cell(text) { colour.yellow($0) }
        case .failed: return Table.Cell(text) { colour.red($0) }
        }
    }

    /// One line: how many clips are where, and whether anything had to be done for them.
    var summary: String {
        let counts = BatchReport.State.allCases.compactMap { state in
            report.totals[state.rawValue].flatMap { $0 > 0 ? "\($0) \(state.rawValue)" : nil }
        }
        let line = counts.joined(separator: ", ")
        let unchanged = rows.count(where: \.isUnchanged)
        if unchanged == 0 { return line }
        return unchanged == rows.count
            ? "\(line); nothing has changed, so nothing was done" : "\(line); \(unchanged) unchanged"
    }
}

/// Figures for people.
enum Format {
    /// `27.03 s`.
    static func seconds(_ seconds: Double) -> String {
        let hundredths = Int64(clamping: Int((min(max(seconds, 0), 1e12) * 100).rounded()))
        let rest = String(hundredths % 100)
        return "\(hundredths / 100).\(rest.count == 1 ? "0" : "")\(rest) s"
    }
}
