import Foundation
import Testing

/// What must be true once all who take part have ended with 0.
struct CompanyRound {
    let bench: CompanyBench
    let number: Int
    let participants: [Participant]
    /// What messages call it.
    let what: String

    /// Ids that a participant has asked for. An answer that is lost has one, too.
    func ids(askedForBy participant: Participant) throws -> [StoredClip] {
        try bench.service.clips(of: number).filter { $0.marker?.systemProperties == participant.name }
    }

    /// Each clip is published exactly once, nobody has deleted what another was uploading, nothing is left.
    ///
    /// - Parameter givenUp: Ids of somebody who never came back, which may be taken over.
    func check(givenUp: Set<String> = []) throws {
        try checkPublishedOnce()
        try checkDeletions(givenUp)
        let left = try bench.service.clips(of: number).filter { !$0.isDeleted && $0.state != "Published" }
        #expect(
            left.isEmpty, "\(what): \(left.map { "\($0.id) of \($0.marker?.systemProperties ?? "?") \($0.state)" })")
        // Everybody knows which it is.
        let published = try bench.service.clips(of: number).filter { $0.state == "Published" }
        for participant in participants {
            for clip in try ReportedClip.all(in: participant.output) {
                let id = published.first { $0.marker?.clipship == clip.key }?.id
                #expect(
                    clip.state == "published" && clip.gameClipId == id, "\(what): \(participant.name), \(clip.clip)")
            }
        }
    }

    /// No clip was ever published twice, and each that anybody has is, byte for byte.
    func checkPublishedOnce() throws {
        let all = try bench.service.clips(of: number)
        let published = Dictionary(grouping: all.filter { $0.published != nil }) { $0.marker?.clipship ?? "" }
        for (key, clips) in published {
            #expect(clips.count == 1, "\(what): \(key) is published \(clips.count) times")
        }
        for clip in try participants.flatMap({ try ReportedClip.all(in: $0.output) }) {
            let ids = published[clip.key, default: []].map(\.id)
            #expect(!ids.isEmpty, "\(what): \(clip.clip) is not published")
            for id in ids {
                #expect(try bench.service.storedFile(of: id) == Data(contentsOf: clip.file), "\(what): \(clip.clip)")
            }
        }
    }

    /// Whoever asks for a deletion has asked for the id.
    func checkDeletions(_ givenUp: Set<String> = []) throws {
        for participant in participants {
            let own = Set(try ids(askedForBy: participant).map(\.id))
            let foreign = try participant.deleted().subtracting(own).subtracting(givenUp)
            #expect(foreign.isEmpty, "\(what): \(participant.name) deletes what others upload: \(foreign.count) ids")
        }
    }
}
