import ClipModel
import SystemIO

/// Digests of all options of a clip: unchanged options and an unchanged file give an unchanged manifest.
///
/// The clips of a batch differ in little, so what they have in common is written as JSON only when it changes.
struct OptionFingerprints {
    /// Changes whenever a manifest made from equal input and options would not be equal any more.
    private static let generation = "5"

    /// Between the fingerprint of all but the checks, and that of the checks.
    static let separator = "+"

    private var common: ClipOptions?
    private var commonDigest: SHA256Digest?

    private var checks: CheckOptions?
    private var checksDigest: SHA256Digest?

    /// What is said of the checks, on which nothing else depends: nothing where there are none. Nil where no digest can
    /// be computed.
    private mutating func text(of options: CheckOptions?) -> String? {
        guard let options else { return "" }
        if options != checks {
            checks = options
            checksDigest = OptionDigest.of(options)
        }
        return checksDigest.map { Self.separator + $0.description }
    }

    /// Nil where no digest can be computed, which whoever asks takes for a change.
    mutating func fingerprint(of options: ClipOptions) -> String? {
        var rest = options
        rest.clip = ""
        rest.file = ""
        rest.request.userCaption = nil
        rest.request.titleData = nil
        rest.caption = nil
        rest.titleData = nil
        rest.warnings = nil
        rest.failure = nil
        rest.checks = nil
        if rest != common {
            common = rest
            commonDigest = OptionDigest.of(rest)
        }
        guard let commonDigest, let checks = text(of: options.checks) else { return nil }
        var own: [UInt8] = []
        let parts = [options.clip, options.file, options.request.userCaption, options.request.titleData]
        // A placeholder and the same text without a value are told apart.
        let open = [options.caption, options.titleData].map { $0?.placeholders.joined(separator: "}") }
        let problems = (options.warnings ?? []) + (options.failure.map { ["failure", $0] } ?? [])
        for part in [Self.generation, commonDigest.description] + parts + open + problems {
            // The length before each part keeps apart what would read alike in a row.
            own.append(contentsOf: (part.map { String($0.utf8.count) + ":" } ?? "-").utf8)
            own.append(contentsOf: (part ?? "").utf8)
        }
        // Nil says that it failed; why makes no difference.
        guard let digest = try? SHA256Hasher.digest(of: own.span.bytes) else { return nil }
        return digest.description + checks
    }
}
