/// Takes tokens out of text, however many there are: looks at each place once.
struct TokenMask: Sendable {
    /// Tokens by their first `width` bytes, the longest first.
    private var tokens: [UInt64: [[UInt8]]] = [:]
    /// Bytes: as many as the shortest token has, 8 at most.
    private let width: Int

    /// - Parameter tokens: Printable ASCII, none of them empty.
    init(_ tokens: some Sequence<String>) {
        let all = Set(tokens).map { Array($0.utf8) }.filter { !$0.isEmpty }
        width = min(8, all.map(\.count).min() ?? 8)
        for token in all.sorted(by: { $0.count > $1.count }) {
            self.tokens[Self.number(token.prefix(width)), default: []].append(token)
        }
    }

    /// The text with three stars in place of each token.
    func masked(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.count >= width else { return text }
        var result: [UInt8] = []
        // Up to here it is in the result.
        var (done, place) = (0, 0)
        // The bytes from `place` on.
        var window = Self.number(bytes.prefix(width))
        while true {
            if let token = tokens[window]?.first(where: { bytes[place...].starts(with: $0) }) {
                result += bytes[done..<place] + Array("***".utf8)
                place += token.count
                done = place
                guard place + width <= bytes.count else { break }
                window = Self.number(bytes[place..<place + width])
            } else {
                guard place + width < bytes.count else { break }
                window = (window << 8 | UInt64(bytes[place + width])) & (UInt64.max >> (64 - 8 * UInt64(width)))
                place += 1
            }
        }
        return done == 0 ? text : String(decoding: result + bytes[done...], as: UTF8.self)
    }

    private static func number(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
