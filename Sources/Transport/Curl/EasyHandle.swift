import CCurl

/// Owns a `CURL` with the header list and the text of the error that it refers to; frees them, the handle
/// first.
struct EasyHandle: ~Copyable {
    let pointer: UnsafeMutableRawPointer
    private var headers = HeaderList()
    private let message = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    /// `curl_easy_init`
    init() throws(CurlFailure) {
        message.initialize(repeating: 0)
        guard let pointer = curl_easy_init() else {
            message.deallocate()
            throw CurlFailure(code: CURLE_OUT_OF_MEMORY)
        }
        self.pointer = pointer
        _ = ccurl_setopt_pointer(pointer, CURLOPT_ERRORBUFFER, message.baseAddress)
    }

    deinit {
        curl_easy_cleanup(pointer)
        message.deallocate()
    }

    /// What libcurl says of the error that ended the transfer (`CURLOPT_ERRORBUFFER`); may be empty.
    var errorText: String {
        String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // `curl_easy_setopt`, by the type of the value.

    func set(_ option: CURLoption, _ value: Int) throws(CurlFailure) {
        try check(ccurl_setopt_long(pointer, option, value))
    }

    func set(_ option: CURLoption, _ value: Bool) throws(CurlFailure) {
        try set(option, value ? 1 : 0)
    }

    func set(_ option: CURLoption, offset value: Int64) throws(CurlFailure) {
        try check(ccurl_setopt_offset(pointer, option, curl_off_t(value)))
    }

    /// libcurl copies the text.
    func set(_ option: CURLoption, _ value: String) throws(CurlFailure) {
        try check(ccurl_setopt_string(pointer, option, value))
    }

    func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer) throws(CurlFailure) {
        try check(ccurl_setopt_pointer(pointer, option, value))
    }

    func set(_ option: CURLoption, callback: @escaping ccurl_data_callback) throws(CurlFailure) {
        try check(ccurl_setopt_data(pointer, option, callback))
    }

    /// `CURLOPT_HTTPHEADER`; the list lives as long as the handle.
    mutating func set(_ fields: HTTPHeaders) throws(CurlFailure) {
        for field in fields.fields {
            // "Name:" would remove a header; "Name;" is libcurl's way to send one without a value.
            try headers.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        // No waiting for "100 Continue": a refusal is rare, and the wait costs a second where it is not
        // understood.
        try headers.append("Expect:")
        try check(ccurl_setopt_list(pointer, CURLOPT_HTTPHEADER, headers.pointer))
    }

    /// The bytes of the body that were handed to the system so far (`CURLINFO_SIZE_UPLOAD_T`).
    var bytesSent: Int64 {
        var value: curl_off_t = 0
        return ccurl_getinfo_offset(pointer, CURLINFO_SIZE_UPLOAD_T, &value) == CURLE_OK ? Int64(value) : 0
    }

    /// The connection that it uses (`CURLINFO_ACTIVESOCKET`); nil while it has none.
    var socket: Int32? {
        var value: curl_socket_t = -1
        return ccurl_getinfo_socket(pointer, CURLINFO_ACTIVESOCKET, &value) == CURLE_OK && value >= 0 ? value : nil
    }

    /// The system's error code behind the last failure (`CURLINFO_OS_ERRNO`); 0 if there is none.
    var systemError: Int32 {
        var value = 0
        return ccurl_getinfo_long(pointer, CURLINFO_OS_ERRNO, &value) == CURLE_OK ? Int32(clamping: value) : 0
    }

    func check(_ code: CURLcode) throws(CurlFailure) {
        guard code == CURLE_OK else { throw CurlFailure(code: code) }
    }
}

/// Owns a `curl_slist`, which it frees with `curl_slist_free_all`.
private struct HeaderList: ~Copyable {
    private(set) var pointer: UnsafeMutablePointer<curl_slist>?

    deinit {
        curl_slist_free_all(pointer)
    }

    /// `curl_slist_append`
    mutating func append(_ line: String) throws(CurlFailure) {
        guard let longer = curl_slist_append(pointer, line) else {
            throw CurlFailure(code: CURLE_OUT_OF_MEMORY)
        }
        pointer = longer
    }
}

/// A `CURLcode` other than `CURLE_OK`.
struct CurlFailure: Error {
    var code: CURLcode

    /// `curl_easy_strerror`
    var text: String { String(cString: curl_easy_strerror(code)) }
}
