import ClipModel
import FoundationEssentials
import SystemIO

/// Digests of all options of a clip: unchanged options and an unchanged file give an unchanged manifest.
///
/// The clips of a batch differ in little, so what they have in common is written as JSON only when it changes.
struct OptionFingerprints {
    /// Changes whenever a manifest made from equal input and options would not be equal any more.
    private static let generation = "2"

    private var common: ClipOptions?
    private var commonDigest = ""

    /// Empty when the options can't be written as JSON, which no option is the reason for.
    mutating func fingerprint(of options: ClipOptions) -> String {
        var rest = options
        rest.clip = ""
        rest.file = ""
        rest.request.userCaption = nil
        rest.request.titleData = nil
        rest.warnings = nil
        rest.failure = nil
        if rest != common {
            guard let json = try? CanonicalJSON.line(rest) else { return "" }
            common = rest
            commonDigest = Self.digest(json.bytes)
        }
        var own: [UInt8] = []
        let parts = [options.clip, options.file, options.request.userCaption, options.request.titleData]
        let problems = (options.warnings ?? []) + (options.failure.map { ["failure", $0] } ?? [])
        for part in [Self.generation, commonDigest] + parts + problems {
            // The length before each part keeps apart what would read alike in a row.
            own.append(contentsOf: (part.map { String($0.utf8.count) + ":" } ?? "-").utf8)
            own.append(contentsOf: (part ?? "").utf8)
        }
        return Self.digest(own.span.bytes)
    }

    private static func digest(_ bytes: RawSpan) -> String {
        (try? SHA256Hasher.digest(of: bytes))?.description ?? ""
    }
}
