import CMicroHTTPD
import Glibc

/// An HTTP server on threads of its own: libmicrohttpd's pool, each thread with an epoll set and the
/// connections that it has accepted.
struct HTTPServer: ~Copyable {
    private let daemon: MHDDaemon
    private let core: HTTPServerCore
    /// The port that it listens on, also where a free one was asked for.
    let port: UInt16

    struct Settings {
        /// A numeric address, or `localhost`.
        var host: String
        /// 0 for a free one.
        var port: UInt16
        var threads = 4
        var mostConnections = 8_192
        /// Seconds without a byte moved until a connection is closed.
        var idleTimeout = 60
        var clock: any ServiceClock
        /// Nil for plain HTTP.
        var tls: ServerCertificate?
        /// Bytes for a connection's buffers and headers: half of it is for reading, so that pieces of a body
        /// are up to 32 KiB.
        ///
        /// Only what is used takes up memory.
        var connectionMemory = 65_536
    }

    /// Starts to listen (`MHD_start_daemon`).
    init(_ settings: Settings, handler: any HTTPHandler) throws(LocalServiceError) {
        let descriptors = DescriptorLimit.raise()
        // Files that the service works with need descriptors, too.
        let most = min(settings.mostConnections, max(8, descriptors - 48)) * 3 / 4
        let core = HTTPServerCore(
            handler: handler, clock: settings.clock, idleTimeout: settings.idleTimeout, mostConnections: most,
            isPlain: settings.tls == nil)
        let daemon = try MHDDaemon(settings, core: core)
        self.core = core
        port = daemon.port
        self.daemon = daemon
        core.connections.watch()
    }

    /// Takes no more connections, lets requests that are under way come to their end, at most for `patience`,
    /// and closes what is left (`MHD_stop_daemon`).
    ///
    /// Whoever connects meanwhile is accepted and closed at once. `MHD_quiesce_daemon` would refuse them, but ends the
    /// process where a thread of the pool notices before it is done ("Failed to remove listen FD from epoll set").
    consuming func stop(patience: Duration) {
        core.startDraining()
        core.waitForExchanges(patience)
    }
}

/// Owns a `struct MHD_Daemon` (`MHD_stop_daemon`).
///
/// Not private: a release that is built for tests (`-enable-testing`) does not link otherwise, for they can see the type that has
/// it and not this one (Swift 6.3).
struct MHDDaemon: ~Copyable {
    private let pointer: OpaquePointer
    private let core: Unmanaged<HTTPServerCore>
    /// Certificate and key, which the daemon may look at as long as it runs.
    private let texts: [UnsafeMutablePointer<CChar>]

    init(_ settings: HTTPServer.Settings, core: HTTPServerCore) throws(LocalServiceError) {
        guard let address = SocketAddress(host: settings.host, port: settings.port) else {
            throw .badHost(settings.host)
        }
        // libmicrohttpd loses why there is no socket, such as on a system without IPv6.
        let probe = socket(address.isVersion6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard probe != -1 else { throw .cannotListen(host: settings.host, port: settings.port, code: errno) }
        close(probe)
        let retained = Unmanaged.passRetained(core)
        let context = retained.toOpaque()
        var flags =
            MHD_USE_EPOLL.rawValue | MHD_USE_INTERNAL_POLLING_THREAD.rawValue
            | MHD_ALLOW_SUSPEND_RESUME.rawValue
        if address.isVersion6 { flags |= MHD_USE_IPv6.rawValue }
        let tls = settings.tls.map { [strdup($0.key), strdup($0.certificate)].compactMap(\.self) } ?? []
        if !tls.isEmpty { flags |= MHD_USE_TLS.rawValue }
        let started = address.withPointer { address in
            var options = [
                MHD_OptionItem(
                    option: .SOCK_ADDR, value: 0, ptr_value: UnsafeMutableRawPointer(mutating: address)),
                option(.THREAD_POOL_SIZE, max(2, settings.threads)),
                option(.CONNECTION_LIMIT, settings.mostConnections),
                // Only the net: `Connections` comes before, by the service's clock, and says 408.
                option(.CONNECTION_TIMEOUT, 2 * settings.idleTimeout),
                option(.CONNECTION_MEMORY_LIMIT, settings.connectionMemory),
                option(.CONNECTION_MEMORY_INCREMENT, settings.connectionMemory / 4),
                option(.LISTEN_BACKLOG_SIZE, 1_024),
                option(.STRICT_FOR_CLIENT, 1),
                cmicrohttpd_uri_option(requestBegan, context),
                cmicrohttpd_completed_option(requestEnded, context),
                cmicrohttpd_connection_option(connectionChanged, context),
            ]
            for (name, text) in zip([MHD_OPTION.HTTPS_MEM_KEY, .HTTPS_MEM_CERT], tls) {
                options.append(MHD_OptionItem(option: name, value: 0, ptr_value: text))
            }
            options.append(option(.END, 0))
            return cmicrohttpd_start_daemon(flags, settings.port, acceptsConnection, requestProceeds, context, &options)
        }
        guard let started else {
            let code = errno
            retained.release()
            for text in tls { free(text) }
            throw .cannotListen(host: settings.host, port: settings.port, code: code)
        }
        pointer = started
        self.core = retained
        texts = tls
    }

    deinit {
        MHD_stop_daemon(pointer)
        for text in texts { free(text) }
        core.release()
    }

    var port: UInt16 { cmicrohttpd_port(pointer) }
}

private func option(_ name: MHD_OPTION, _ value: Int) -> MHD_OptionItem {
    MHD_OptionItem(option: name, value: value, ptr_value: nil)
}

private func acceptsConnection(
    _ context: UnsafeMutableRawPointer?, _ address: UnsafePointer<sockaddr>?, _ size: socklen_t
) -> MHD_Result {
    guard let context else { return .NO }
    return Unmanaged<HTTPServerCore>.fromOpaque(context).takeUnretainedValue().isDraining ? .NO : .YES
}

private func requestBegan(
    _ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let context, let target else { return nil }
    let core = Unmanaged<HTTPServerCore>.fromOpaque(context).takeUnretainedValue()
    core.exchangeBegan()
    let text = String(cString: target)
    if let connection, RequestFraming.isTooMuch(target: text) {
        let refusal = "HTTP/1.1 414 URI Too Long\r\nConnection: close\r\n\r\n"
        Connection(connection).activity?.end(core.isPlain ? refusal : "")
    }
    let hidesBytes = RequestHeader.hidesBytes(behind: target)
    return Unmanaged.passRetained(Exchange(rawTarget: text, hidesBytes: hidesBytes, core: core)).toOpaque()
}

private func requestProceeds(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ body: UnsafePointer<CChar>?,
    _ bodySize: UnsafeMutablePointer<Int>?, _ exchange: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let connection, let method, let bodySize, let exchange = exchange?.pointee else { return .NO }
    let bytes = UnsafeRawBufferPointer(start: body, count: bodySize.pointee)
    bodySize.pointee = 0
    let goesOn = Unmanaged<Exchange>.fromOpaque(exchange).takeUnretainedValue()
        .proceed(Connection(connection), method: String(cString: method), body: bytes)
    return goesOn ? .YES : .NO
}

private func connectionChanged(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ activity: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ change: MHD_ConnectionNotificationCode
) {
    guard let context, let connection, let activity else { return }
    let core = Unmanaged<HTTPServerCore>.fromOpaque(context).takeUnretainedValue()
    if let known = activity.pointee {
        activity.pointee = nil
        core.connections.remove(Unmanaged<ConnectionActivity>.fromOpaque(known).takeRetainedValue())
    } else if change == .CONNECTION_NOTIFY_STARTED {
        let descriptor = cmicrohttpd_socket(connection)
        // GnuTLS answers a handshake in several pieces; the second would wait for the first to be acknowledged.
        if !core.isPlain {
            var yes: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        let new = ConnectionActivity(descriptor: descriptor, now: core.clock.now)
        core.connections.add(new)
        activity.pointee = Unmanaged.passRetained(new).toOpaque()
    }
}

private func requestEnded(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ exchange: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ code: MHD_RequestTerminationCode
) {
    guard let context, let exchange, let ended = exchange.pointee else { return }
    exchange.pointee = nil
    Unmanaged<Exchange>.fromOpaque(ended).takeRetainedValue()
        .end(isComplete: code == .REQUEST_TERMINATED_COMPLETED_OK)
    Unmanaged<HTTPServerCore>.fromOpaque(context).takeUnretainedValue().exchangeEnded()
}

/// How many files and connections the process may have open.
enum DescriptorLimit {
    /// Raises the limit to what the system allows the process, for each connection takes one and each body
    /// another (`setrlimit`).
    ///
    /// The usual limit of 1,024 would not do for a thousand clients.
    ///
    /// - Returns: The limit as it is then.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        let before = Int(clamping: limit.rlim_cur)
        let wanted = min(limit.rlim_max, 65_536)
        guard limit.rlim_cur < wanted else { return before }
        limit.rlim_cur = wanted
        return setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? Int(clamping: wanted) : before
    }
}
