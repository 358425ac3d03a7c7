import FoundationEssentials
import SystemIO

/// An answer to a request.
///
/// Names and values of headers are ours, never a client's text.
struct OutgoingResponse: Sendable {
    var status: Int
    var headers: [Header] = []
    var body: Body = .none
    /// The clip that the request has made, for the log.
    var clip: String?
    /// The session that the request was about, for the log.
    var session: String?

    struct Header: Hashable, Sendable {
        var name: String
        var value: String
    }

    enum Body: Sendable {
        case none
        case data(Data)
        /// A range of a file, sent by the kernel.
        case file(OpenFile, Range<Int64>)

        var size: Int64 {
            switch self {
            case .none: 0
            case .data(let data): Int64(data.count)
            case .file(_, let range): Int64(range.count)
            }
        }
    }

    /// Bytes of the body that are sent: 304 has the headers only of what it would be.
    var sentSize: Int64 { status == 304 ? 0 : body.size }

    func header(_ name: String) -> String? {
        headers.last { $0.name.lowercased() == name.lowercased() }?.value
    }

    mutating func set(_ name: String, _ value: String) {
        headers.removeAll { $0.name.lowercased() == name.lowercased() }
        headers.append(Header(name: name, value: value))
    }

    func setting(_ name: String, _ value: String) -> Self {
        var copy = self
        copy.set(name, value)
        return copy
    }
}
