import ClipModel
import Journal

/// What a submission has to say, each sentence once.
extension ClipSubmission {
    static let beginsAnother = "; run again with --recreate to begin another upload"
    static let gone = "its upload is gone from the service; another one begins, unless somebody else has the clip"
    static let goneAgain = "its upload was removed from the service twice; run the same command again to go on"

    static let keepsNothing = ClipFailure(
        .temporary, "the service acknowledges every block, twice by now, and still waits for some")

    /// What the journal has as `failed`.
    static func ended(_ record: ClipRecord) -> ClipFailure {
        ClipFailure(.permanent, record.reason ?? "the service will not publish it")
    }

    /// The record of a clip that the service had in full, and has not any more.
    static func gone(_ record: ClipRecord) -> ClipRecord {
        var record = record
        record.state = .failed
        record.reason = "the service has no such clip any more\(beginsAnother)"
        return record
    }

    static func notYetPublished(_ state: GameClipState, _ limit: Duration) -> ClipFailure {
        ClipFailure(
            .temporary,
            "uploaded, not yet published (\(state)) after \(Int(limit / .seconds(1))) s; "
                + "run the same command again to go on")
    }

    static func uploadedElsewhere(_ rival: RemoteClip) -> ClipFailure {
        ClipFailure(
            .temporary,
            "another output folder (\(rival.owner ?? "of an older clipship")) is uploading it as \(rival.id)"
                + "\(rival.age.map { ", asked for \(AgeText.words(for: $0)) ago" } ?? ""); "
                + "run the same command again to see what came of it")
    }

    static func carriesMarker(_ clip: RemoteClip) -> ClipFailure {
        ClipFailure(
            .permanent,
            "the service has \(clip.id) with this clip's marker, but with \(clip.contradiction ?? "something else"): it is "
                + "not taken for it, and nothing was published; if nobody needs it, remove it with clipship clip delete"
        )
    }

    static func hasOtherDate(_ id: String, _ date: String) -> String {
        "the service has it as \(id), recorded \(date) by what it was told: the date stays as it is there"
    }

    static func takesOver(_ id: String, owner: String, age: Duration?) -> String {
        "takes over the upload \(id) of \(owner)"
            + "\(age.map { ", which began \(AgeText.words(for: $0)) ago" } ?? ""); it was never completed"
    }

    static func straysStay(_ failure: ClipFailure) -> String {
        "whether an upload of it was left behind can't be seen: \(failure); "
            + "clipship status --reconcile shows it"
    }

    static func unlisted(_ id: String) -> ClipFailure {
        ClipFailure(
            .temporary,
            "the service's list does not show \(id), which the service has just issued, so nobody can see whether others "
                + "upload the clip too; nothing was uploaded: if nobody else does, say whenUnlisted: upload below "
                + "\"submit\"")
    }

    static let notAsked = ClipFailure(
        .temporary,
        "the service's list does not show what the service issues, so nobody can see whether others upload the clip too; "
            + "nothing was asked for: if nobody else does, say whenUnlisted: upload below \"submit\"")

    static func unsettled(_ clip: String) -> ClipFailure {
        ClipFailure(
            .temporary,
            "an answer was lost, and the service's list does not show what the service issues: whether an id was issued "
                + "can't be seen. Settle it with clipship status --resolve \(clip)=ID or \(clip)=none")
    }

    /// What the service goes on showing otherwise than the manifest says; nil if nothing.
    func changes(_ record: ClipRecord, _ asked: SubmissionDigests) -> String? {
        if asked.request != order.digests.request {
            return "its options changed after it was submitted; the service keeps what it was sent"
        }
        guard asked.changeable != order.digests.changeable else { return nil }
        return record.isOwn
            ? "its options changed after it was submitted; the service keeps what it was sent: change that with "
                + "clipship clip update"
            : "another output folder submitted it, with another caption, visibility or title data: change that with "
                + "clipship clip update"
    }
}
