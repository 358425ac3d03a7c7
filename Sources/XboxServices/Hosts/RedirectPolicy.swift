public import Transport

/// Whether and where to follow a redirect: 301 and 307 only, with method and body as they were, a few times,
/// to hosts that may have the request. `Authorization` goes along: whoever may have the bytes may have the token, and
/// `HostPolicy` lets nothing go from https to http.
struct RedirectPolicy {
    let hosts: HostPolicy
    private var hops = 0

    /// Redirects that are followed for one request.
    static let mostHops = 5

    init(_ hosts: HostPolicy) {
        self.hosts = hosts
    }

    enum Step {
        /// Not a redirect that is followed: the answer stands.
        case stop
        case follow(HTTPRequest)
        case refuse(RedirectRefusal)
    }

    mutating func next(after request: HTTPRequest, _ head: HTTPResponse.Head) -> Step {
        guard head.status == 301 || head.status == 307 else { return .stop }
        guard hops < Self.mostHops else { return .refuse(.tooMany) }
        hops += 1
        guard let location = head.headers["Location"] else { return .refuse(.noLocation) }
        var following = request
        do {
            following.url = try request.url.resolving(location)
        } catch {
            return .refuse(.badLocation(error))
        }
        if let refusal = hosts.refusal(of: following.url, from: request.url.origin) {
            return .refuse(.host(refusal))
        }
        return .follow(following)
    }
}

/// Why a redirect was not followed.
public enum RedirectRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case tooMany
    case noLocation
    case badLocation(HTTPURLError)
    case host(HostRefusal)

    public var description: String {
        switch self {
        case .tooMany: "redirected more than \(RedirectPolicy.mostHops) times"
        case .noLocation: "redirected without saying where to"
        case .badLocation(let error): "redirected to what is not an address: \(error)"
        case .host(let refusal): "redirected: \(refusal)"
        }
    }
}
