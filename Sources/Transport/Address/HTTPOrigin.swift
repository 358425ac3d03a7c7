/// Scheme, host and port: who is at the other end of an address.
public struct HTTPOrigin: Hashable, Sendable {
    /// https rather than http.
    public let isSecure: Bool
    /// In lower case; an IPv6 address in brackets.
    public let host: String
    /// Also when the address did not name it.
    public let port: Int

    /// Whether this is certainly the same machine: 127.0.0.0/8, ::1 or `localhost`.
    public var isLoopback: Bool {
        host == "localhost" || Self.isLoopbackAddress(host)
    }

    init(_ handle: borrowing URLHandle) throws(HTTPURLError) {
        switch try handle.part(.scheme) {
        case "https": isSecure = true
        case "http": isSecure = false
        case let scheme: throw HTTPURLError(handle.source, reason: "\(scheme) is neither http nor https")
        }
        host = try handle.part(.host).lowercased()
        guard let port = Int(try handle.part(.port)), (1...65_535).contains(port) else {
            throw HTTPURLError(handle.source, reason: "the port is not a number from 1 to 65535")
        }
        self.port = port
    }

    /// Whether `address` is an IPv4 address in 127.0.0.0/8, or ::1 with or without brackets.
    static func isLoopbackAddress(_ address: String) -> Bool {
        if address == "::1" || address == "[::1]" { return true }
        let parts = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return parts.count == 4 && parts[0] == 127 && parts.allSatisfy { $0 != nil }
    }
}

extension HTTPOrigin: CustomStringConvertible {
    /// As an address begins, without the scheme's usual port.
    public var description: String {
        let start = (isSecure ? "https://" : "http://") + host
        return port == (isSecure ? 443 : 80) ? start : "\(start):\(port)"
    }
}
