/// Text in columns.
struct Table {
    enum Alignment {
        case left
        case right
    }

    struct Column {
        var title: String
        var alignment = Alignment.left
    }

    struct Cell: ExpressibleByStringLiteral {
        var text: String
        /// Applied after the text was given its width.
        var paint: (String) -> String = { $0 }

        init(_ text: String, _ paint: @escaping (String) -> String = { $0 }) {
            self.text = text
            self.paint = paint
        }

        init(stringLiteral value: String) { self.init(value) }
    }

    var columns: [Column]
    var rows: [[Cell]] = []

    /// Lines without trailing white space; the last column is as wide as its text.
    func rendered(_ colour: Colour) -> String {
        let texts = rows.map { $0.map(Self.oneLine) }
        let widths = columns.indices.map { index in
            (texts.map { $0[index].count } + [columns[index].title.count]).max() ?? 0
        }
        let header = line(columns.map(\.title), widths) { _, text in colour.dim(text) }
        let body = zip(rows, texts).map { cells, texts in line(texts, widths) { cells[$0].paint($1) } }
        return ([header] + body).joined(separator: "\n")
    }

    private func line(_ texts: [String], _ widths: [Int], paint: (Int, String) -> String) -> String {
        columns.indices.map { index in
            let padding = String(repeating: " ", count: widths[index] - texts[index].count)
            let painted = paint(index, texts[index])
            if columns[index].alignment == .right { return padding + painted }
            return isLast(index, texts) ? painted : painted + padding
        }.joined(separator: "  ").trimmingTrailingSpaces()
    }

    /// Nothing but empty cells follow.
    private func isLast(_ index: Int, _ texts: [String]) -> Bool {
        texts[(index + 1)...].allSatisfy(\.isEmpty)
    }

    /// Names and messages may come from outside: nothing in them may move the cursor or break the line.
    private static func oneLine(_ cell: Cell) -> String {
        String(cell.text.map { $0.isNewline || $0 == "\t" ? " " : $0 }.filter { !$0.isControl })
    }
}

extension String {
    fileprivate func trimmingTrailingSpaces() -> String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}

extension Character {
    fileprivate var isControl: Bool {
        unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
