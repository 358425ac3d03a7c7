extension DecodingError {
    /// Which member is wrong, such as `"clips[3].size"`, and how; on one line.
    public var sentence: String {
        switch self {
        case .keyNotFound(let key, let context): "\(Self.path(context.codingPath + [key])) is missing"
        case .valueNotFound(_, let context): "\(Self.path(context.codingPath)) is null"
        case .typeMismatch(let type, let context):
            "\(Self.path(context.codingPath)) is not \(Self.name(of: type))"
        case .dataCorrupted(let context) where context.codingPath.isEmpty: context.debugDescription
        case .dataCorrupted(let context): "\(Self.path(context.codingPath)): \(context.debugDescription)"
        @unknown default: "\(self)"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        let text = keys.map { key in key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }.joined()
        return text.isEmpty ? "it" : "\"\(text.first == "." ? text.dropFirst() : text[...])\""
    }

    /// As JSON calls what Swift has types for.
    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is any FixedWidthInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is any Collection.Type: "\(type)".hasPrefix("Dictionary") ? "an object" : "a list"
        default: "an object"
        }
    }
}
