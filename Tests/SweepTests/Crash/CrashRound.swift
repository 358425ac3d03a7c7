import Foundation
import SystemIO
import TestSupport
import Testing

/// One user's way through a crash: a run that is killed, then the same command until it is done, then what must be true.
struct CrashRound {
    let bench: CrashBench
    let user: Int
    /// The number of the last request before this round.
    let start: Int

    /// What was true when the run had been killed.
    struct Wreck {
        /// Blocks that the journal holds as acknowledged.
        var journalled: Set<BlockID> = []
        /// The number of the last request before.
        var lastCall: Int
    }

    /// Looks at what a killed run has left, without touching it.
    func wreck() async throws -> Wreck {
        var wreck = Wreck(lastCall: try await bench.calls(of: user, after: start).last?.number ?? start)
        let output = bench.output(of: user)
        guard FileManager.default.fileExists(atPath: output.appending(path: "journal.db").path) else { return wreck }
        let copy = bench.folder.appending(path: "journal-\(user)")
        // That of an earlier crash.
        try? FileManager.default.removeItem(at: copy)
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
        for name in ["journal.db", "journal.db-wal", "journal.db-journal"] {
            try? FileManager.default.copyItem(at: output.appending(path: name), to: copy.appending(path: name))
        }
        let question = "SELECT game_clip_id, number FROM block JOIN clip USING (service, key)"
        // Where the disk has no locks, there is no need of them: nobody else is there.
        let locks = SharedDisk.name(of: copy.path) == nil ? [] : ["-vfs", "unix-none"]
        let answer = try await run("sqlite3", locks + [copy.appending(path: "journal.db").path, question])
        // A run that was killed before it had made the tables has acknowledged nothing.
        guard answer.status == 0 else {
            #expect(answer.errorText.contains("no such table"), "\(answer.errorText)")
            return wreck
        }
        for line in answer.outputText.split(separator: "\n") {
            let cells = line.split(separator: "|")
            wreck.journalled.insert(BlockID(clip: String(cells[0]), block: try #require(Int(cells[1]))))
        }
        return wreck
    }

    /// Runs the same command again, once: nothing stands in its way any more.
    ///
    /// - Parameter session: Where it is another one than before, clips of the first that were all up are there, too.
    func finish(_ wrecks: [Wreck], _ place: String, session: String = "sweep") async throws {
        let result = try await bench.run(as: user, session: session)
        #expect(result.status == 0, "\(place)\n\(result.outputText)\(result.errorText)")
        let clips = try await bench.clips(of: user)
        try checkClips(clips, place, mayHaveOthers: session != "sweep")
        try await checkBlocks(wrecks, place, used: Set(clips.map(\.gameClipId)))
    }

    /// Each input is published exactly once, byte for byte, and nothing else is there that waits for anything.
    private func checkClips(_ all: [CrashBench.RemoteClip], _ place: String, mayHaveOthers: Bool) throws {
        struct Report: Decodable {
            struct Clip: Decodable { var gameClipId: String? }
            var clips: [Clip]
        }
        let file = bench.output(of: user).appending(path: "batch.json")
        let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: file))
        let reported = Set(report.clips.map(\.gameClipId))
        let clips = all.filter { reported.contains($0.gameClipId) }
        #expect(clips.map(\.state) == ["Published", "Published", "Published"], "\(place)")
        let stored = try clips.map { try bench.storedFile(of: $0.gameClipId) }
        #expect(Set(stored) == Set(try bench.inputs().values), "\(place)")
        #expect(mayHaveOthers || all.count == clips.count, "\(place)")
        #expect(!all.contains { $0.state == "PendingUpload" }, "\(place)")
    }

    /// No block goes up again that was acknowledged, except those in flight at the time of a crash; and no id is asked
    /// for that isn't used or removed.
    private func checkBlocks(_ wrecks: [Wreck], _ place: String, used: Set<String>) async throws {
        let calls = try await bench.calls(of: user, after: start)
        let removed = Set(calls.filter { $0.route == "delete" && $0.stored }.compactMap(\.clip))
        for wreck in wrecks {
            let after = calls.filter { $0.number > wreck.lastCall }
            let again = Set(after.compactMap(\.blockID)).intersection(wreck.journalled)
            #expect(again.isEmpty, "\(place): the journal had \(again)")
            let acknowledged = Set(
                calls.filter { $0.number <= wreck.lastCall && $0.isAcknowledgedBlock }.compactMap(\.blockID))
            // With an id goes what the journal had of it.
            let unknown = acknowledged.subtracting(wreck.journalled).filter { !removed.contains($0.clip) }
            for (clip, blocks) in Dictionary(grouping: unknown, by: \.clip) {
                #expect(blocks.count <= CrashBench.blocksInFlight, "\(place): not in the journal of \(clip): \(blocks)")
            }
        }
        // What a killed run had sent may come to the service only after the wreck was looked at.
        let inFlight = wrecks.count * CrashBench.connections
        let sent = calls.filter(\.isAcknowledgedBlock).compactMap(\.blockID)
        #expect(sent.count - Set(sent).count <= inFlight, "\(place)")

        let issued = Set(calls.filter { $0.route == "initialUpload" && $0.stored }.compactMap(\.clip))
        #expect(issued.subtracting(removed) == used, "\(place)")
    }
}
