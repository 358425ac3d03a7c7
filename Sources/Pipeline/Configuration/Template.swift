import ConfigFiles

/// Text with placeholders such as `{clip.name}`; `{{` stands for a brace.
///
/// A placeholder is a brace with a letter right behind it, so that JSON in `titleData` needs no escaping.
public struct Template: Codable, Hashable, Sendable {
    private enum Piece: Codable, Hashable, Sendable {
        case text(String)
        case placeholder(String)
    }

    private var pieces: [Piece] = []
    /// Where it was read, for messages about its values.
    var place: Diagnostic.SourceLocation?

    /// Where a text stands does not change what it says.
    private enum CodingKeys: String, CodingKey { case pieces }

    /// Text without placeholders.
    public init(literal text: String) {
        pieces = [.text(text)]
    }

    /// - Throws: for a placeholder that isn't closed.
    public init(parsing text: String) throws(TemplateError) {
        var rest = text[...]
        while let brace = rest.firstIndex(of: "{") {
            var literal = rest[..<brace]
            rest = rest[rest.index(after: brace)...]
            if rest.first == "{" {
                literal = text[literal.startIndex...brace]
                rest = rest.dropFirst()
                pieces.append(.text(String(literal)))
            } else if let first = rest.first, first.isLetter {
                guard let end = rest.firstIndex(of: "}") else { throw .notClosed(String(rest.prefix(20))) }
                pieces.append(.text(String(literal)))
                pieces.append(.placeholder(String(rest[..<end])))
                rest = rest[rest.index(after: end)...]
            } else {
                pieces.append(.text(String(literal) + "{"))
            }
        }
        pieces.append(.text(String(rest)))
    }

    /// The placeholders' names, in order.
    var placeholders: [String] {
        pieces.compactMap { if case .placeholder(let name) = $0 { name } else { nil } }
    }

    /// As it was written, but for the doubled braces.
    var text: String {
        pieces.reduce(into: "") { text, piece in
            switch piece {
            case .text(let literal): text += literal
            case .placeholder(let name): text += "{\(name)}"
            }
        }
    }

    /// The same with the placeholders that have a value replaced by it.
    func filledInPart(_ value: (String) -> String?) -> Template {
        var template = self
        template.pieces = pieces.map { piece in
            guard case .placeholder(let name) = piece, let text = value(name) else { return piece }
            return .text(text)
        }
        return template
    }

    /// The text with every placeholder replaced by its value.
    func filled(_ value: (String) -> String?) throws(TemplateError) -> String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let literal): text += literal
            case .placeholder(let name):
                guard let value = value(name) else { throw .unknown(name) }
                text += value
            }
        }
        return text
    }
}

/// What is wrong with a text with placeholders.
public enum TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    case notClosed(String)
    case unknown(String)

    public var description: String {
        switch self {
        case .notClosed(let start): "the placeholder \"{\(start)\" has no closing brace; write {{ for a brace"
        case .unknown(let name): "unknown placeholder {\(name)}"
        }
    }
}
