import CCurl

/// Owns a `CURLU`, which it frees with `curl_url_cleanup`.
struct URLHandle: ~Copyable {
    private let pointer: OpaquePointer
    /// What was set last, for messages.
    private(set) var source = ""

    /// `curl_url`
    init() throws(HTTPURLError) {
        guard let pointer = curl_url() else { throw HTTPURLError("", reason: "out of memory") }
        self.pointer = pointer
    }

    deinit {
        curl_url_cleanup(pointer)
    }

    /// The parts that we read.
    enum Part {
        case scheme, host, port, path, query
    }

    /// Takes an absolute address, or a reference relative to what it holds already (`curl_url_set`).
    mutating func set(_ text: String) throws(HTTPURLError) {
        source = text
        guard !text.utf8.contains(0) else { throw HTTPURLError(text, reason: "it contains a null byte") }
        try check(curl_url_set(pointer, CURLUPART_URL, text, UInt32(CURLU_DISALLOW_USER)))
    }

    /// A part that must be there (`curl_url_get`); the port is the scheme's if the address does not name one.
    func part(_ part: Part) throws(HTTPURLError) -> String {
        var text: UnsafeMutablePointer<CChar>?
        defer { curl_free(text) }
        try check(curl_url_get(pointer, part.code, &text, part == .port ? UInt32(CURLU_DEFAULT_PORT) : 0))
        return text.map { String(cString: $0) } ?? ""
    }

    /// The query, or nil if there is none.
    func optionalPart(_ part: Part) throws(HTTPURLError) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        defer { curl_free(text) }
        let code = curl_url_get(pointer, part.code, &text, 0)
        if code == CURLUE_NO_QUERY { return nil }
        try check(code)
        return text.map { String(cString: $0) }
    }

    private func check(_ code: CURLUcode) throws(HTTPURLError) {
        guard code != CURLUE_OK else { return }
        throw HTTPURLError(source, reason: String(cString: curl_url_strerror(code)))
    }
}

extension URLHandle.Part {
    fileprivate var code: CURLUPart {
        switch self {
        case .scheme: CURLUPART_SCHEME
        case .host: CURLUPART_HOST
        case .port: CURLUPART_PORT
        case .path: CURLUPART_PATH
        case .query: CURLUPART_QUERY
        }
    }
}
