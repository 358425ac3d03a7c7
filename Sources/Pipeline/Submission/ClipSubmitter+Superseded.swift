import ClipModel
import Journal
import XboxServices

extension ClipSubmitter {
    /// Removes what is left of uploads that nobody goes on with, for their clip is another one by now. Whatever is in
    /// the way of that is worth a warning, not the clip: `clipship status --reconcile` finds them.
    func remove(_ superseded: [ClipRecord], before clip: Clip) async {
        for record in superseded {
            // A row from before that was kept, which the clip's own need not be: for `clipship status --reconcile`.
            guard let scid = record.scid else { continue }
            let subject = Subject(key: record.key, name: clip.name, scid: scid, window: RetryWindow())
            do throws(ClipFailure) {
                observer.observe(.stage(clip: clip.name, .reconciling))
                // Whatever has all its bytes stays, and the journal says so.
                if try await adopt(subject, from: try await found(record, subject)) == nil {
                    try await note { try await journal.forget(subject.key) }
                }
            } catch {
                guard error.kind != .interrupted else { return }
                observer.observe(
                    .warning(
                        clip: clip.name,
                        "the upload of what it was before stays on the service: \(error); remove it with "
                            + "clipship status --reconcile --fix"))
            }
        }
    }

    /// What the service has of an unfinished upload.
    private func found(
        _ record: ClipRecord, _ subject: Subject
    ) async throws(ClipFailure) -> [Open<GameClip>] {
        guard let id = record.gameClipId else { return try await clipsAtStart(subject) }
        return try await clip(id, of: subject).map { [$0] } ?? []
    }
}
