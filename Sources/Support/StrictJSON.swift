public import FoundationEssentials

import CJansson

/// JSON text as RFC 8259 has it and nothing more lenient, with the place of what can't be read.
///
/// Foundation's decoder takes trailing commas and does not say where a text stops being JSON; this check comes before
/// it wherever text arrives from outside.
public enum StrictJSON {
    /// Values that a text from outside may have: each takes a hundred bytes of memory and more, and two in the text.
    public static let mostValues = 250_000

    /// Decodes a value.
    ///
    /// - Parameter most: How many values there may be, those within others counted.
    public static func decode<Value: Decodable>(
        _ type: Value.Type, from text: Data, most: Int = mostValues
    ) throws(Failure) -> Value {
        do throws(SyntaxError) { try check(text, most: most) } catch { throw .syntax(error) }
        return try checked(type, from: text)
    }

    /// Decodes a document whose member `format` says what it is.
    ///
    /// - Parameter format: What it has to say; asked first, since another format may have other members.
    public static func decode<Value: Decodable>(
        _ type: Value.Type, from text: Data, format: String, most: Int = mostValues
    ) throws(Failure) -> Value {
        let found = try decode(Format.self, from: text, most: most).format
        guard found == format else { throw .format(found) }
        return try checked(type, from: text)
    }

    private struct Format: Decodable {
        var format: String
    }

    private static func checked<Value: Decodable>(_ type: Value.Type, from text: Data) throws(Failure) -> Value {
        do {
            return try JSONDecoder().decode(type, from: text)
        } catch {
            throw .shape((error as? DecodingError)?.sentence ?? "\(error)")
        }
    }

    /// Why a text is not what it should be.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// No JSON.
        case syntax(SyntaxError)
        /// JSON of another shape: which member, and what is wrong with it.
        case shape(String)
        /// A document of this format instead.
        case format(String)

        public var description: String {
            switch self {
            case .syntax(let error): error.description
            case .shape(let reason): reason
            case .format(let format): "it is a \"\(format)\""
            }
        }

        /// Without the place, for a text that is a part of another.
        public var reason: String {
            if case .syntax(let error) = self { error.reason } else { description }
        }
    }

    /// Throws `SyntaxError` unless `text` is one JSON value in UTF-8 (`json_loadb`).
    public static func check(_ text: Data, most: Int = mostValues) throws(SyntaxError) {
        try count(text, most: most)
        var error = json_error_t()
        let value = text.withUnsafeBytes { bytes in
            json_loadb(bytes.baseAddress, bytes.count, size_t(JSON_DECODE_ANY | JSON_REJECT_DUPLICATES), &error)
        }
        guard let value else { throw SyntaxError(error) }
        cjansson_decref(value)
    }

    /// Throws where there are more values than may be: before memory is taken for them.
    private static func count(_ text: Data, most: Int) throws(SyntaxError) {
        // A value is at least a byte and what comes before it.
        guard text.count / 2 > most else { return }
        let end = text.withUnsafeBytes { bytes -> Int? in
            var (count, isString, index) = (0, false, 0)
            while index < bytes.count {
                switch bytes[index] {
                case UInt8(ascii: "\\") where isString: index += 1
                case UInt8(ascii: "\""): isString.toggle()
                case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "{"): count += isString ? 0 : 1
                default: break
                }
                if count > most { return index }
                index += 1
            }
            return nil
        }
        if let end { throw SyntaxError(tooMany: most, at: end) }
    }

    /// Where and why a text is not JSON.
    public struct SyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
        /// Bytes from the start of the text.
        public let byteOffset: Int
        /// From 1.
        public let line: Int
        public let reason: String

        public var description: String {
            reason.hasPrefix("more than ") ? reason : "not JSON at byte \(byteOffset) (line \(line)): \(reason)"
        }
    }
}

extension StrictJSON.SyntaxError {
    fileprivate init(tooMany most: Int, at place: Int) {
        (byteOffset, line, reason) = (place, 1, "more than \(most) values")
    }

    init(_ error: json_error_t) {
        byteOffset = Int(error.position)
        line = Int(error.line)
        reason = withUnsafeBytes(of: error.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
