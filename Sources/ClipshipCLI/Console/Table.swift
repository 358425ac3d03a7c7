import Support

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
        var widths: [Int] = []
        return rendered(colour, continuing: &widths)
    }

    /// The same for one part of a table that is printed piece by piece: titles come with the first part only, when
    /// there are no widths yet, and columns never get narrower.
    func rendered(_ colour: Colour, continuing known: inout [Int]) -> String {
        let texts = rows.map { $0.map(Text.init) }
        let titles = columns.map { Text(Cell($0.title)) }
        let widths = columns.indices.map { index in
            max(
                titles[index].width, index < known.count ? known[index] : 0,
                texts.lazy.map { $0[index].width }.max() ?? 0)
        }
        var lines = ""
        let isFirst = known.isEmpty
        known = widths
        if isFirst { append(titles, widths, to: &lines) { _, text in colour.dim(text) } }
        for (cells, texts) in zip(rows, texts) {
            if !lines.isEmpty { lines += "\n" }
            append(texts, widths, to: &lines) { cells[$0].paint($1) }
        }
        return lines
    }

    /// One line. Spaces are written only once it is known that something follows.
    private func append(
        _ texts: [Text], _ widths: [Int], to lines: inout String, paint: (Int, String) -> String
    ) {
        var spaces = 0
        for (index, text) in texts.enumerated() {
            let padding = widths[index] - text.width
            if columns[index].alignment == .right { spaces += padding }
            if text.width > 0 {
                lines += String(repeating: " ", count: spaces)
                lines += paint(index, text.text)
                spaces = 0
            }
            if columns[index].alignment == .left { spaces += padding }
            spaces += 2
        }
    }

    /// A cell's text on one line. Names and messages may come from outside: nothing in them may move the cursor or break
    /// the line.
    private struct Text {
        let text: String
        /// Columns of a terminal.
        let width: Int

        init(_ cell: Cell) {
            if cell.text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
                text = cell.text
                width = cell.text.utf8.count
            } else {
                text = TerminalText.onOneLine(cell.text)
                width = DisplayWidth.of(text)
            }
        }
    }
}
