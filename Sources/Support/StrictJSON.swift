public import FoundationEssentials

import CJansson

/// JSON text as RFC 8259 has it and nothing more lenient, with the place of what can't be read.
///
/// Foundation's decoder takes trailing commas and does not say where a text stops being JSON; this check comes before
/// it wherever text arrives from outside.
public enum StrictJSON {
    /// Decodes a value.
    ///
    /// - Throws: `SyntaxError` with the byte offset where the text stops being JSON, or `DecodingError` where it is
    ///   JSON of another shape.
    public static func decode<Value: Decodable>(_ type: Value.Type, from text: Data) throws -> Value {
        try check(text)
        return try JSONDecoder().decode(type, from: text)
    }

    /// Throws `SyntaxError` unless `text` is one JSON value in UTF-8 (`json_loadb`).
    public static func check(_ text: Data) throws(SyntaxError) {
        var error = json_error_t()
        let value = text.withUnsafeBytes { bytes in
            json_loadb(bytes.baseAddress, bytes.count, size_t(JSON_DECODE_ANY | JSON_REJECT_DUPLICATES), &error)
        }
        guard let value else { throw SyntaxError(error) }
        cjansson_decref(value)
    }

    /// Where and why a text is not JSON.
    public struct SyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
        /// Bytes from the start of the text.
        public let byteOffset: Int
        /// From 1.
        public let line: Int
        public let reason: String

        public var description: String {
            "not JSON at byte \(byteOffset) (line \(line)): \(reason)"
        }
    }
}

extension StrictJSON.SyntaxError {
    init(_ error: json_error_t) {
        byteOffset = Int(error.position)
        line = Int(error.line)
        reason = withUnsafeBytes(of: error.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
