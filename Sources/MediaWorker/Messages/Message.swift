/// What goes over the socket between the program and a worker: a kind, a length, and so many bytes.
package struct Message {
    package var kind: Kind
    package var bytes: [UInt8]

    package enum Kind: UInt32, CaseIterable {
        /// To the worker: look at the file that comes along.
        case request = 1
        /// From a worker, once: it is locked down and ready. From the fork server, once: it is ready.
        case hello
        /// The file moved on.
        case progress
        /// The large picture, then the small one.
        case picture
        /// The facts; ends the answer.
        case answer
        /// Instead of an answer.
        case refusal
        /// To the fork server: start or end a worker; the socket of one to be started comes along.
        case order
        /// From the fork server: what became of the order.
        case report
        /// A contact sheet or a sprite.
        case sheet
        /// The candidates for a thumbnail.
        case strip

        /// The most bytes that one may have.
        var limit: Int {
            switch self {
            case .progress: 0
            case .request, .hello, .order, .report: 4 << 10
            case .refusal: 16 << 10
            case .answer: 256 << 10
            case .picture, .strip: 4 << 20
            case .sheet: 64 << 20
            }
        }
    }
}

/// The eight bytes before a frame's own, in little-endian order.
package struct MessageHeader {
    static let size = 8

    var kind: Message.Kind
    var length: Int

    package init(kind: Message.Kind, length: Int) {
        self.kind = kind
        self.length = length
    }

    /// Nil for a kind that there isn't, and for a length that the kind may not have.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        let numbers = [bytes[..<4], bytes[4...]].map { part in
            part.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        guard let kind = Message.Kind(rawValue: numbers[0]), numbers[1] <= kind.limit else { return nil }
        self.init(kind: kind, length: Int(numbers[1]))
    }

    package var bytes: [UInt8] {
        [kind.rawValue, UInt32(clamping: length)].flatMap { number in
            (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        }
    }
}
