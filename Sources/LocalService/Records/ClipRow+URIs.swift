import ClipModel
import FoundationEssentials
import SystemIO

extension ClipRow {
    /// What becomes of a request to one of the clip's URIs.
    enum URIState: Hashable, Sendable {
        case good
        case expired
        /// It expired, and the refresh that a look at the clip began is not over.
        case refreshing
    }

    /// When the clip's present URIs expire; nil if they never do.
    func expiry(lifetime: Duration?) -> Timestamp? {
        guard let lifetime else { return nil }
        let expiry = max(urisFrom ?? created, published ?? created).advanced(by: lifetime)
        // URIs carry whole seconds.
        return Timestamp(seconds: expiry.ticks > 0 ? expiry.seconds + 1 : expiry.seconds)
    }

    /// The state of the upload URI, which is the same after a refresh.
    func uploadURI(lifetime: Duration?, now: Timestamp) -> URIState {
        if isRefreshing(now) { return .refreshing }
        return expiry(lifetime: lifetime).map { $0 <= now } ?? false ? .expired : .good
    }

    /// The state of the download URI with this query; nil if its key is not one that this clip ever had.
    func downloadURI(_ target: RequestTarget, lifetime: Duration?, now: Timestamp) -> URIState? {
        let expiry: Timestamp?
        switch target.values("expires") {
        case []:
            guard target.values("key") == [downloadKey] else { return nil }
            expiry = self.expiry(lifetime: lifetime)
        case let values:
            guard values.count == 1, let seconds = Int64(values[0]), target.values("key") == [key(expires: seconds)]
            else { return nil }
            expiry = Timestamp(seconds: seconds)
        }
        guard let expiry, expiry <= now else { return .good }
        return isRefreshing(now) ? .refreshing : .expired
    }

    /// The query of the download URIs: a key that is good until it expires, so that who has the URI may fetch.
    func downloadQuery(lifetime: Duration?) -> String {
        guard let expiry = expiry(lifetime: lifetime) else { return "key=\(downloadKey)" }
        return "expires=\(expiry.seconds)&key=\(key(expires: expiry.seconds))"
    }

    private func isRefreshing(_ now: Timestamp) -> Bool { urisFrom.map { $0 > now } ?? false }

    private func key(expires seconds: Int64) -> String {
        // Without a digest it is a key that nobody has.
        let digest = try? SHA256Hasher.digest(of: Array("\(downloadKey) \(seconds)".utf8).span.bytes)
        return digest.map { String($0.description.prefix(32)) } ?? UUID().uuidString
    }
}
