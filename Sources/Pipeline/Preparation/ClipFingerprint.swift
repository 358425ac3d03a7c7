import ClipModel
import FoundationEssentials
import Journal
import MediaWorker
import SystemIO

/// What is kept with what came of preparing a clip, to tell later whether the same would come of it again.
struct ClipFingerprint: Hashable, Sendable {
    /// Of everything that a manifest depends on beside the file; nil if none could be computed.
    let options: String?
    /// A refusal also depends on who looked: another decoder may take the clip, or not crash on it.
    let media: MediaInstallation
    /// What was refused is looked at again; one run asks for that.
    var retriesRefusals = false

    /// The text to keep with an outcome; nil if none can be computed: nothing may be kept then.
    func text(for outcome: PreparedRecord.Outcome) -> String? {
        guard let options else { return nil }
        switch outcome {
        case .ready: return options
        case .refused:
            // Without a digest the refusal is not kept, and the clip looked at again.
            return try? SHA256Hasher.digest(of: Array("\(options)\n\(media.identity)".utf8).span.bytes).description
        }
    }

    /// Whether only the checks are others than those of a manifest that was made.
    func fitsButForChecks(_ record: PreparedRecord) -> Bool {
        guard case .ready = record.outcome, let options, options != record.options else { return false }
        func rest(_ text: String) -> Substring { text.prefix { String($0) != OptionFingerprints.separator } }
        return rest(options) == rest(record.options)
    }

    /// Whether the same would come of preparing the clip as `record` says, if its file has not changed.
    func fits(_ record: PreparedRecord) -> Bool {
        if case .refused = record.outcome, retriesRefusals { return false }
        return text(for: record.outcome).map { $0 == record.options } ?? false
    }
}
