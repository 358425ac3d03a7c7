import ClipModel
import Foundation
import TestSupport
import Testing

/// A run that is killed, something that changes, the same command, and what must be true then.
struct ChangeRound {
    let bench: ChangeBench
    let number: Int
    let change: Change
    let step: Int

    /// Members that an update call changes.
    private static let updatable: Set = ["userCaption", "visibility", "titleData"]
    /// Members that say how the bytes go up; they mean nothing once a clip is complete.
    private static let transport: Set = ["expectedBlocks", "fileSize", "systemProperties"]

    /// Goes through all of it; where the first run is over before the step, what changes is a clip that is done.
    func run() async throws {
        try bench.write(change.before, of: number)
        let killed = try await bench.run(of: number, stoppedAt: step)
        let place = "\(change.name), step \(step) (\(try bench.place(ofRun: number)))"
        #expect([0, 128 + SIGKILL].contains(killed.status), "\(place): \(killed.errorText)")
        try bench.write(change.after, of: number)
        let result = try await bench.run(of: number)
        #expect(result.status == 0, "\(place): \(result.errorText)")
        if change.isReconciled {
            let status = try await bench.reconcile(number)
            #expect(status.status == 0, "\(place): \(status.errorText)")
        }
        try await check(place, result)
    }

    private func check(_ place: String, _ result: ProgramResult) async throws {
        let reported = try ReportedClip.all(in: bench.output(of: number))
        #expect(reported.map(\.state) == ["published", "published"], "\(place): \(result.errorText)")
        let live = try bench.service.clips(of: number).filter { !$0.isDeleted }
        #expect(!live.contains { $0.waitsForBytes }, "\(place): an id that waits for bytes is left")
        for clip in reported {
            let same = live.filter { $0.marker?.clipship == clip.key }
            #expect(same.map(\.state) == ["Published"], "\(place): \(clip.clip) once")
            #expect(same.map(\.id) == [clip.gameClipId], "\(place): \(clip.clip), its id")
            guard let stored = same.first, stored.state == "Published" else { continue }
            #expect(
                try bench.service.storedFile(of: stored.id) == Data(contentsOf: clip.file), "\(place): \(clip.clip)")
            try await compare(clip, stored, place, result)
        }
        try checkOthers(live.filter { clip in !reported.contains { $0.key == clip.marker?.clipship } }, place)
    }

    /// What the clip was before may be there only if it was all up when it changed.
    private func checkOthers(_ others: [StoredClip], _ place: String) throws {
        #expect(others.count <= change.otherClips, "\(place): \(others.map(\.state))")
        let before = try bench.recordings(change.before)
        for clip in others where clip.state == "Published" {
            #expect(try before.contains(bench.service.storedFile(of: clip.id)), "\(place): what it was")
        }
    }

    /// The members that the service has are the manifest's; one that can't be changed any more is warned of.
    private func compare(
        _ clip: ReportedClip, _ stored: StoredClip, _ place: String, _ result: ProgramResult
    ) async throws {
        let told = try await bench.service.told(stored.id, of: number)
        for member in Self.updatable {
            // What isn't set is told as an empty text.
            #expect((told[member]?.text ?? "") == (clip.request[member]?.text ?? ""), "\(place): \(member)")
        }
        let names = Set(clip.request.keys).union(stored.request.keys).subtracting(Self.updatable.union(Self.transport))
        let different = names.filter { clip.request[$0] != stored.request[$0] }
        let isWarned = result.errorText.split(separator: "\n").contains { line in
            line.hasPrefix(clip.clip) && line.contains("warning")
        }
        #expect(different.isEmpty || isWarned, "\(place): \(different) without a word\n\(result.errorText)")
    }
}
