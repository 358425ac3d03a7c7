import ClipModel
import Glibc

/// To the system a path is bytes, of which any but NUL and `/` may be in a name. In texts each byte that is no part of UTF-8
/// is an `EscapedByte`.
extension Path {
    /// The text of a path's or name's bytes.
    public static func text(_ bytes: some RandomAccessCollection<UInt8>) -> String {
        // The characters that stand for bytes begin with 0xF4.
        if !bytes.contains(0xF4), let text = String(validating: bytes, as: UTF8.self) { return text }
        var text = String.UnicodeScalarView()
        var rest = bytes[...]
        while let byte = rest.first {
            let count = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
            let piece = rest.prefix(count)
            if let scalars = String(validating: piece, as: UTF8.self)?.unicodeScalars, scalars.count == 1,
                let scalar = scalars.first, EscapedByte.byte(scalar) == nil
            {
                text.append(scalar)
                rest = rest.dropFirst(count)
            } else {
                EscapedByte.character(byte).map { text.append($0) }
                rest = rest.dropFirst()
            }
        }
        return String(text)
    }

    /// The same of a C string.
    public static func text(_ start: UnsafePointer<CChar>) -> String {
        start.withMemoryRebound(to: UInt8.self, capacity: strlen(start)) { start in
            text(UnsafeBufferPointer(start: start, count: strlen(start)))
        }
    }

    /// The bytes that a text stands for.
    public static func bytes(_ path: String) -> [UInt8] {
        guard path.utf8.contains(0xF4) else { return Array(path.utf8) }
        return path.unicodeScalars.flatMap { scalar in
            EscapedByte.byte(scalar).map { [$0] } ?? Array(String(scalar).utf8)
        }
    }

    /// Lends a path to a C function.
    public static func withBytes<Result>(_ path: String, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        guard path.utf8.contains(0xF4) else { return path.withCString(body) }
        return (bytes(path).map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map(body) ?? path.withCString(body)
        }
    }
}
