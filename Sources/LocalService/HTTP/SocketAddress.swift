import Glibc

/// An IPv4 or IPv6 address to listen on.
enum SocketAddress {
    case version4(sockaddr_in)
    case version6(sockaddr_in6)

    /// Reads a numeric address (`inet_pton`) or `localhost`; nil for anything else.
    init?(host: String, port: UInt16) {
        var four = sockaddr_in()
        var six = sockaddr_in6()
        if inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            self = .version4(four)
        } else if inet_pton(AF_INET6, host, &six.sin6_addr) == 1 {
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            self = .version6(six)
        } else {
            return nil
        }
    }

    var isVersion6: Bool {
        if case .version6 = self { true } else { false }
    }

    /// Only this machine reaches it.
    var isLoopback: Bool {
        switch self {
        case .version4(let address): UInt32(bigEndian: address.sin_addr.s_addr) >> 24 == 127
        case .version6(let address): withUnsafeBytes(of: address.sin6_addr) { $0.elementsEqual(Self.loopback6) }
        }
    }

    private static let loopback6 = [UInt8](repeating: 0, count: 15) + [1]

    /// Lends the address as the sockets' calls want it.
    func withPointer<Result>(_ body: (UnsafeRawPointer) throws -> Result) rethrows -> Result {
        switch self {
        case .version4(let address): try withUnsafePointer(to: address) { try body(UnsafeRawPointer($0)) }
        case .version6(let address): try withUnsafePointer(to: address) { try body(UnsafeRawPointer($0)) }
        }
    }
}
