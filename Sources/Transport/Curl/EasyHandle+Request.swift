import CCurl

extension EasyHandle {
    /// Sets every option but the callbacks.
    mutating func configure(_ request: HTTPRequest, _ configuration: CurlConfiguration) throws(CurlFailure) {
        try set(CURLOPT_NOSIGNAL, true)
        try set(CURLOPT_URL, request.url.text)
        try set(CURLOPT_PATH_AS_IS, true)
        try check(ccurl_setopt_only_http(pointer))
        try check(ccurl_setopt_quick_exit(pointer))
        try set(CURLOPT_FOLLOWLOCATION, false)
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        try set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(configuration.connectTimeout / .milliseconds(1))))
        try set(CURLOPT_TCP_NODELAY, true)
        try set(CURLOPT_TCP_KEEPALIVE, true)
        try set(CURLOPT_USERAGENT, configuration.userAgent)
        try set(
            CURLOPT_HTTP_VERSION, configuration.allowsHTTP2 ? ccurl_http_2_over_tls() : ccurl_http_1_1())
        // A proxy of the environment has no business with what never leaves this machine.
        if request.url.origin.isLoopback { try set(CURLOPT_NOPROXY, "*") }
        // Verification is libcurl's default; said here because everything depends on it.
        try set(CURLOPT_SSL_VERIFYPEER, true)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        if let authorities = configuration.authorities { try trust(authorities) }
        if let certificate = configuration.clientCertificate {
            try set(CURLOPT_SSLCERT, certificate.file)
            try set(CURLOPT_SSLKEY, certificate.key)
        }
        // Every coding that libcurl can undo. Not for bytes that are wanted as they are stored, in ranges.
        if case .memory = request.destination { try set(CURLOPT_ACCEPT_ENCODING, "") }
        // On a kept-alive connection that dies before an answer, libcurl would send the request again, which `Transfer`
        // forbids. One that was used a moment ago hardly dies.
        if !request.isRepeatable { try set(CURLOPT_MAXAGE_CONN, Int(configuration.restLimit / .seconds(1))) }
        if request.opensConnection { try set(CURLOPT_FRESH_CONNECT, true) }
        try setMethod(of: request, configuration)
        try set(request.headers)
    }

    /// Both options in each pair are set, for what is left alone is what libcurl was built with: the system's.
    private func trust(_ authorities: TrustedAuthorities) throws(CurlFailure) {
        for option in [CURLOPT_CAINFO, CURLOPT_PROXY_CAINFO] {
            try check(ccurl_setopt_string(pointer, option, authorities.file))
        }
        for option in [CURLOPT_CAPATH, CURLOPT_PROXY_CAPATH] {
            try check(ccurl_setopt_string(pointer, option, authorities.folder))
        }
    }

    private func setMethod(of request: HTTPRequest, _ configuration: CurlConfiguration) throws(CurlFailure) {
        switch (request.method, request.body) {
        case (.get, .none): try set(CURLOPT_HTTPGET, true)
        case (.head, _): try set(CURLOPT_NOBODY, true)
        case (.delete, .none): try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        default:
            try set(CURLOPT_UPLOAD, true)
            try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
            try set(CURLOPT_INFILESIZE_LARGE, offset: request.body.count)
            try set(CURLOPT_UPLOAD_BUFFERSIZE, configuration.uploadBuffer)
        }
    }

    /// Directs all callbacks to the `Transfer` that `context` is, which must outlive the handle's time in a
    /// multi handle.
    func setCallbacks(context: UnsafeMutableRawPointer) throws(CurlFailure) {
        try set(
            CURLOPT_READFUNCTION,
            callback: { buffer, size, count, context in
                guard let buffer, let transfer = transfer(context) else { return Int(CURL_READFUNC_ABORT) }
                let room = UnsafeMutableRawBufferPointer(start: buffer, count: size * count)
                return transfer.read(into: room) ?? Int(CURL_READFUNC_ABORT)
            })
        try set(
            CURLOPT_HEADERFUNCTION,
            callback: { bytes, size, count, context in
                let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
                return transfer(context)?.receive(header: line) == true ? line.count : -1
            })
        try set(
            CURLOPT_WRITEFUNCTION,
            callback: { bytes, size, count, context in
                let chunk = UnsafeRawBufferPointer(start: bytes, count: size * count)
                return transfer(context)?.receive(body: chunk) == true ? chunk.count : -1
            })
        try check(
            ccurl_setopt_seek(pointer) { context, offset, origin in
                let isDone = origin == SEEK_SET && transfer(context)?.rewind(to: Int64(offset)) == true
                return isDone ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
            })
        try check(
            ccurl_setopt_prereq(pointer) { context, address, _, _, _ in
                let text = address.map { String(cString: $0) } ?? ""
                return transfer(context)?.connected(to: text) == true
                    ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            })
        try check(
            ccurl_setopt_sockopt(pointer) { context, descriptor, _ in
                transfer(context)?.prepare(socket: descriptor)
                return CURL_SOCKOPT_OK
            })
        for option in [
            CURLOPT_SOCKOPTDATA, CURLOPT_READDATA, CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_SEEKDATA,
            CURLOPT_PREREQDATA,
        ] {
            try set(option, pointer: context)
        }
    }
}

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}
