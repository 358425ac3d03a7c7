import FoundationEssentials

/// Puts an answer together from libcurl's header lines and pieces of body.
struct AnswerParser {
    /// Why an answer can't be taken.
    enum Refusal: Error {
        case malformed(String)
        case tooLarge(limit: Int)
        case sink(any Error)
    }

    private let destination: HTTPDestination
    private(set) var head: HTTPResponse.Head?
    private(set) var body = Data()
    /// Bytes of the final answer, its head included.
    private(set) var bytesReceived: Int64 = 0
    private var headerBytes = 0
    /// `Content-Length` of the answer under way.
    private var length: Int64?

    /// Of all header lines of one answer.
    static let headerLimit = 256 << 10

    init(_ destination: HTTPDestination) {
        self.destination = destination
    }

    /// Forgets an answer that libcurl gave up to send the request again.
    mutating func restart() {
        self = AnswerParser(destination)
    }

    /// One line with its line end, as `CURLOPT_HEADERFUNCTION` gets it.
    mutating func header(_ line: UnsafeRawBufferPointer) throws(Refusal) {
        headerBytes += line.count
        guard headerBytes <= Self.headerLimit else { throw .tooLarge(limit: Self.headerLimit) }
        let text = String(decoding: line, as: UTF8.self).trimmed
        if text.hasPrefix("HTTP/") {
            guard let status = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
                throw .malformed("a status line without a status: \(text.prefix(80))")
            }
            // 1xx is no answer yet.
            head = status >= 200 ? HTTPResponse.Head(status: status) : nil
            length = nil
        } else if let colon = text.firstIndex(of: ":") {
            let (name, value) = (String(text[..<colon]), String(text[text.index(after: colon)...]).trimmed)
            if name.lowercased() == "content-length" { try noteLength(value) }
            head?.headers.append(name, value)
        } else if !text.isEmpty {
            throw .malformed("a header line without a colon: \(text.prefix(80))")
        }
        if head != nil { bytesReceived += Int64(line.count) }
    }

    /// Equal lengths, in one line or in several, are one, as RFC 9110 allows (section 8.6); different ones are none.
    /// libcurl would go by the digits that the last line begins with.
    private mutating func noteLength(_ value: String) throws(Refusal) {
        for part in value.split(separator: ",", omittingEmptySubsequences: false) {
            let digits = String(part).trimmed
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let new = Int64(digits) else {
                throw .malformed("a Content-Length that is no number: \(value.prefix(80))")
            }
            guard length == nil || length == new else {
                throw .malformed("a Content-Length of \(length ?? new) and of \(new)")
            }
            length = new
        }
    }

    /// One piece, as `CURLOPT_WRITEFUNCTION` gets it.
    mutating func body(_ chunk: UnsafeRawBufferPointer) throws(Refusal) {
        guard let head else { throw .malformed("a body without a head") }
        bytesReceived += Int64(chunk.count)
        let limit: Int
        switch destination {
        case .sink(let sink) where (200...299).contains(head.status):
            do { try sink(chunk, head) } catch { throw .sink(error) }
            return
        case .sink: limit = HTTPDestination.usualLimit
        case .memory(let most): limit = most
        }
        guard body.count + chunk.count <= limit else { throw .tooLarge(limit: limit) }
        body.append(contentsOf: chunk)
    }

    /// The answer, once it is complete.
    var response: HTTPResponse? {
        head.map { HTTPResponse(head: $0, body: body) }
    }
}

extension String {
    /// Without white space and line ends at either end.
    fileprivate var trimmed: String {
        let isBlank: (UInt8) -> Bool = { [0x20, 0x09, 0x0d, 0x0a].contains($0) }
        let start = utf8.drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(Substring(start[...last]))
    }
}
