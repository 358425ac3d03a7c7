import Foundation

/// Makes other files of a file: by bytes as a bad disk does, and by pieces as an editor or another program does.
struct FileMutator {
    private var numbers: SeededNumbers

    init(seed: UInt64) {
        numbers = SeededNumbers(seed: seed)
    }

    /// What a value may be replaced by where text is JSON or something like it.
    private static let values = [
        "-1", "0", "1e400", "-9223372036854775809", "18446744073709551616", "0.1", "null", "true", "\"\"", "[]", "{}",
        "\"\\u0000\"", "\"\\ud800\"", "\"../../../../etc/passwd\"", "\"/dev/zero\"", "[[[[[[[[[[1]]]]]]]]]]",
        "\u{202E}",
        "99999999999999999999999999999999999999", "\"\(String(repeating: "x", count: 5_000))\"", "\\", "\n", "\u{0}",
        "\"Public\"", "\"2026-13-45T99:99:99Z\"", "\"https://example.com/\"",
    ]

    mutating func mutate(_ file: Data) -> Data {
        var bytes = file
        for _ in 0..<Int.random(in: 1...3, using: &numbers) { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout Data) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &numbers)
        switch Int.random(in: 0..<9, using: &numbers) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &numbers)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...64, using: &numbers)))
        case 3: bytes = bytes.prefix(place)
        case 4: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 200)], at: place)
        case 5:
            let end = min(bytes.count, place + Int.random(in: 1...4_096, using: &numbers))
            bytes.replaceSubrange(place..<end, with: repeatElement(0, count: end - place))
        default: replaceToken(&bytes, near: place)
        }
    }

    /// A word, number or string, or a whole member.
    private mutating func replaceToken(_ bytes: inout Data, near place: Int) {
        let ends = Set(" ,:\n\t[]{}\r".utf8)
        guard let start = bytes[place...].firstIndex(where: { !ends.contains($0) }) else { return }
        let end = bytes[start...].firstIndex(where: ends.contains) ?? bytes.endIndex
        let value = Self.values.randomElement(using: &numbers) ?? "0"
        bytes.replaceSubrange(start..<end, with: Data(value.utf8))
    }
}
