import FoundationEssentials

/// Text that can't be guessed. The system is asked by `getrandom`, which needs no descriptor; where it can't answer, the
/// program ends: Foundation's `UUID()` goes on with zeros.
enum RandomText {
    /// A random GUID in lower case (RFC 9562, version 4).
    static func guid() -> String {
        var generator = SystemRandomNumberGenerator()
        let (high, low) = (generator.next() as UInt64, generator.next() as UInt64)
        func byte(_ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> (index % 8 * 8)) }
        let id = UUID(
            uuid: (
                byte(0), byte(1), byte(2), byte(3), byte(4), byte(5), byte(6) & 0x0f | 0x40, byte(7),
                byte(8) & 0x3f | 0x80, byte(9), byte(10), byte(11), byte(12), byte(13), byte(14), byte(15)
            ))
        return id.uuidString.lowercased()
    }

    /// Hexadecimal digits of random bytes from the system.
    static func hexadecimal(bytes count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in
            let byte = UInt8.random(in: .min ... .max, using: &generator)
            return String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }
}
