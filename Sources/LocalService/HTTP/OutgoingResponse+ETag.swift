import FoundationEssentials
import SystemIO

extension OutgoingResponse {
    /// With an `ETag` that stands for the body; 304 where the request says that its caller has that one.
    ///
    /// - Parameter tag: nil for a digest of the body.
    func conditional(on request: IncomingRequest, tag: String? = nil) -> Self {
        guard status == 200 || status == 206, let tag = tag ?? digest else { return self }
        var response = setting("ETag", "\"\(tag)\"")
        response.set("Cache-Control", "private, no-cache")
        guard request.hasTag(tag) else { return response }
        // The body stays, for its size is that of the answer that the caller has; the server sends the head only.
        response.status = 304
        return response
    }

    private var digest: String? {
        guard case .data(let data) = body else { return nil }
        let bytes = Array(data)
        // Without a tag the answer is sent whole.
        let digest = try? SHA256Hasher.digest(of: bytes.span.bytes)
        return digest.map { String($0.description.prefix(32)) }
    }
}

extension IncomingRequest {
    /// Whether the caller has the entity with that tag: by `If-None-Match`, or by `ETag`, which is what the reference
    /// names on requests (and shows without quotes). Beside `Range`, `ETag` says what the part is to be of.
    func hasTag(_ tag: String) -> Bool {
        let known = headers["if-none-match"] ?? (headers["range"] == nil ? headers["etag"] : nil) ?? []
        return known.joined(separator: ",").split(separator: ",").contains { text in
            let text = text.drop { $0 == " " }.trimmingSuffix(while: { $0 == " " })
            return text == "*" || EntityTag.bare(text) == tag
        }
    }
}

enum EntityTag {
    /// The tag's own text, of `"a"`, `W/"a"` or `a`.
    static func bare(_ text: some StringProtocol) -> String {
        let text = text.hasPrefix("W/") ? String(text.dropFirst(2)) : String(text)
        return text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
            ? String(text.dropFirst().dropLast()) : text
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> Substring {
        var text = self
        while let last = text.last, isTrimmed(last) { text.removeLast() }
        return text
    }
}
