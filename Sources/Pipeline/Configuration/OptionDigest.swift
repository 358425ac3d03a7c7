import ClipModel
import FoundationEssentials
import SystemIO

/// The one answer to whether options have changed: the digest of their canonical JSON. Equal options have equal digests
/// in every process and on every machine; others have others.
enum OptionDigest {
    /// - Parameter options: Written as JSON by all of its members, each exact: amounts and durations as whole numbers.
    /// - Returns: Nil where no digest can be computed, which whoever asks takes for a change.
    static func of(_ options: some Encodable) -> SHA256Digest? {
        // Why it can't be computed makes no difference: nothing is taken for unchanged.
        guard let json = try? CanonicalJSON.line(options) else { return nil }
        return try? SHA256Hasher.digest(of: json.bytes)
    }
}
