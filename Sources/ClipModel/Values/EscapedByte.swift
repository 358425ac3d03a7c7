/// A byte of a file's name that is no part of UTF-8, within a text: U+10FE80 to U+10FEFF, which nobody uses for anything
/// else. A name that has one of these characters itself has its bytes escaped as well, so that every name has one text and
/// every text one name.
public enum EscapedByte {
    private static let first: UInt32 = 0x10_FE00

    /// The character that stands for a byte from 0x80 on.
    public static func character(_ byte: UInt8) -> Unicode.Scalar? {
        byte >= 0x80 ? Unicode.Scalar(first + UInt32(byte)) : nil
    }

    /// The byte that a character stands for; nil for any other.
    public static func byte(_ character: Unicode.Scalar) -> UInt8? {
        (first + 0x80...first + 0xFF).contains(character.value) ? UInt8(truncatingIfNeeded: character.value) : nil
    }
}
