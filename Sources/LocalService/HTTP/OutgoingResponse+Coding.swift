import FoundationEssentials
import GzipCoding

extension OutgoingResponse {
    /// Bytes; less than this is not worth the work.
    private static let leastToCompress = 256

    /// Compressed where the caller asks for it and it is text; media is compressed already, and has ranges.
    ///
    /// Its tag becomes a weak one then, for other bytes are sent (RFC 9110, section 8.8.3.3).
    func coded(for request: IncomingRequest) -> Self {
        guard case .data(let data) = body, isText else { return self }
        var response = self
        if header("Vary") == nil { response.set("Vary", "Accept-Encoding") }
        guard data.count >= Self.leastToCompress, request.acceptsGzip, let smaller = Gzip.compressed(data),
            smaller.count < data.count
        else { return response }
        response.body = .data(smaller)
        response.set("Content-Encoding", "gzip")
        if let tag = header("ETag"), !tag.hasPrefix("W/") { response.set("ETag", "W/\(tag)") }
        return response
    }

    private var isText: Bool {
        let type = header("Content-Type") ?? ""
        return type.hasPrefix("application/json") || type.hasPrefix("text/")
    }
}

extension IncomingRequest {
    /// Whether `Accept-Encoding` has gzip with another weight than 0 (RFC 9110, section 12.5.3). Nobody gets it who does
    /// not ask for it.
    var acceptsGzip: Bool {
        let codings = (headers["accept-encoding"] ?? []).flatMap { $0.split(separator: ",") }.map { coding in
            coding.lowercased().filter { $0 != " " && $0 != "\t" }.split(separator: ";")
        }
        let named = codings.last { $0.first == "gzip" || $0.first == "x-gzip" } ?? codings.last { $0.first == "*" }
        guard let named else { return false }
        let weight = named.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 }
        return weight ?? 1 > 0
    }
}
