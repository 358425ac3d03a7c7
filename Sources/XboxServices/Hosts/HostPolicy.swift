public import Transport

/// Which hosts may get bytes and the `Authorization` header: the configured ones, by host and port, and the
/// allowed ones. Never over plain http after https.
public struct HostPolicy: Sendable {
    private let configured: [HTTPOrigin]
    private let allowed: [AllowedHost]

    /// - Parameter allowHosts: `host` for the usual port, or `host:port`.
    /// - Throws: `HTTPURLError` for an allowed host that is not one.
    public init(_ endpoints: ServiceEndpoints, allowHosts: [String] = []) throws(HTTPURLError) {
        configured = [endpoints.metadata, endpoints.statistics, endpoints.compute].compactMap { $0?.origin }
        var hosts: [AllowedHost] = []
        for text in allowHosts { hosts.append(try AllowedHost(text)) }
        allowed = hosts
    }

    /// Why nothing may be sent to `url`, which was read in an answer of `referrer`; nil if it may.
    public func refusal(of url: HTTPURL, from referrer: HTTPOrigin) -> HostRefusal? {
        let target = url.origin
        let sameHost = configured.filter { $0.host == target.host && $0.port == target.port }
        guard !sameHost.isEmpty || allowed.contains(where: { $0.covers(target) }) else {
            return HostRefusal(origin: target, reason: .unknownHost)
        }
        guard !target.isSecure else { return nil }
        let wasSecure = referrer.isSecure || (!sameHost.isEmpty && sameHost.allSatisfy(\.isSecure))
        return target.isLoopback && !wasSecure ? nil : HostRefusal(origin: target, reason: .plainHTTP)
    }
}

/// Why an address of a service is not used.
public struct HostRefusal: Hashable, Sendable, CustomStringConvertible {
    /// Where it would have gone.
    public var origin: HTTPOrigin
    /// What is wrong with it.
    public var reason: Reason

    /// What can be wrong with a host.
    public enum Reason: Hashable, Sendable {
        case unknownHost
        case plainHTTP
    }

    public var description: String {
        switch reason {
        case .unknownHost: "\(origin) is neither a configured nor an allowed host; nothing was sent to it"
        case .plainHTTP: "\(origin) is plain http where https is due; nothing was sent to it"
        }
    }
}

private struct AllowedHost: Sendable {
    let host: String
    let plainPort: Int
    let securePort: Int

    /// `host` or `host:port`.
    init(_ text: String) throws(HTTPURLError) {
        let secure = try HTTPURL(parsing: "https://\(text)")
        host = secure.origin.host
        securePort = secure.origin.port
        plainPort = try HTTPURL(parsing: "http://\(text)").origin.port
    }

    func covers(_ origin: HTTPOrigin) -> Bool {
        origin.host == host && origin.port == (origin.isSecure ? securePort : plainPort)
    }
}
