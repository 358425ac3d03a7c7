/// A place in a text file; both from 1.
public struct Mark: Hashable, Sendable, Comparable {
    public var line: Int
    public var column: Int

    public static let start = Mark(line: 1, column: 1)
    /// No place in a file but the file as a whole.
    public static let file = Mark(line: 0, column: 0)

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    public static func < (a: Self, b: Self) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

/// A piece of a YAML document and where it stands.
package struct YAMLNode: Sendable {
    package var mark: Mark
    package var content: Content

    package indirect enum Content: Sendable {
        /// Only a plain scalar (one without quotes) may be a number, a boolean or null.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([Member])
    }

    package struct Member: Sendable {
        package var key: YAMLNode
        package var value: YAMLNode
    }
}

extension YAMLNode {
    /// What a reader of an error message would call it.
    package var found: String {
        switch content {
        case .scalar("", isPlain: true): "nothing"
        case .scalar(let text, _): text.count > 40 ? "\"\(text.prefix(40))...\"" : "\"\(text)\""
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    package var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    package var isNull: Bool {
        if case .scalar(let text, isPlain: true) = content {
            ["", "~", "null", "Null", "NULL"].contains(text)
        } else {
            false
        }
    }

    /// By the YAML 1.2 core schema.
    package var integer: Int64? {
        if case .scalar(let text, isPlain: true) = content { Int64(text) } else { nil }
    }

    /// By the YAML 1.2 core schema.
    package var boolean: Bool? {
        guard case .scalar(let text, isPlain: true) = content else { return nil }
        return switch text {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    package var number: Double? {
        if case .scalar(let text, isPlain: true) = content {
            Double(text).flatMap { $0.isFinite ? $0 : nil }
        } else {
            nil
        }
    }
}
