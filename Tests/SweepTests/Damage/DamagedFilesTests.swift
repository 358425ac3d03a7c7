import ClipModel
import Foundation
import Journal
import SQLite
import SystemIO
import TestSupport
import Testing

@testable import Pipeline

/// Files of an output folder as they are after a bad disk, an editor or another program: whatever is in them, they are read
/// or refused, and what is read is what was written.
@Suite(.serialized, .timeLimit(.minutes(60))) struct DamagedFilesTests {
    /// How many of each kind.
    private static let count = Sweep.isLong ? 10_000 : 150
    /// Bytes that reading any of them may add to what the process has.
    private static let mostMemory = 200 << 20

    /// An output folder that a run has left, with everything in it.
    private func withOutput(_ body: (URL) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let clips = folder.appending(path: "clips")
            try FileManager.default.createDirectory(at: clips, withIntermediateDirectories: true)
            for name in ["instant-replay.mp4", "lobby-vfr.mp4"] {
                try await run("cp", ["-p", Places.samples.appending(path: name).path, clips.path]).expectSuccess()
            }
            let pipeline = """
                name: damage
                session: \(Places.samples.appending(path: "session.yaml").path)
                clips: ["clips/*.mp4"]
                statistics: {scids: {session: [Wins, Rank]}, whenMissing: {default: "-"}, whenUnknownUser: warn}
                request: {userCaption: "{clip.name}, {stats.Wins} wins"}
                thumbnails: {source: Offset, offset: 500}
                service: {local: {statistics: \(Places.samples.appending(path: "statistics.yaml").path)}}
                output: out
                """
            try Data(pipeline.utf8).write(to: folder.appending(path: "pipeline.yaml"))
            try await run(Places.clipship, ["run", "pipeline.yaml"], in: folder).expectSuccess()
            try await body(folder)
        }
    }

    /// Writes mutations of a file in its place, and reads each; at the end the file is as it was.
    private func eachMutation(of file: URL, _ body: (Data) async throws -> Void) async throws {
        let whole = try Data(contentsOf: file)
        var mutator = FileMutator(seed: Sweep.seed)
        let before = try Self.memory("VmRSS")
        try Self.forgetPeak()
        for _ in 0..<Self.count {
            let bytes = mutator.mutate(whole)
            try bytes.write(to: file)
            if bytes != whole { try await body(bytes) }
        }
        // Other tests take memory in the short form.
        if Sweep.isLong {
            let growth = try Self.memory("VmHWM") - before
            Sweep.say("\(Self.count) of \(file.lastPathComponent): \(max(0, growth) >> 20) MiB more")
            #expect(growth < Self.mostMemory)
        }
        try whole.write(to: file)
    }

    private static func memory(_ name: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("\(name):") })
        return try #require(Int(line.filter(\.isNumber))) << 10
    }

    /// The largest memory so far is from now on.
    private static func forgetPeak() throws {
        try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    }

    @Test func `a damaged manifest is never taken for what was written, and never for another clip's`() async throws {
        try await withOutput { folder in
            let output = OutputFolder(folder.appending(path: "out").path)
            let path = output.manifest(of: "lobby-vfr")
            let whole = try StoredManifest(reading: path).manifest
            let journal = try Journal(path: output.journal, service: "any")
            let record = try #require(try await journal.prepared()["../clips/lobby-vfr.mp4"])
            let plan = try BatchPlan(
                PipelineFile(reading: folder.appending(path: "pipeline.yaml").path), root: folder.path)
            let clip = try #require(plan.clips.first { $0.file.name == "lobby-vfr" })
            let files = PreparedFiles(of: clip, in: output, blockCount: 1)
            var (refused, accepted) = (0, 0)
            try await eachMutation(of: URL(filePath: path)) { _ in
                if case .asWritten = try files.finding(record) { Issue.record("taken for what was written") }
                do throws(ManifestError) {
                    let manifest = try StoredManifest(reading: path).manifest
                    accepted += 1
                    guard manifest.key != nil else { return }
                    #expect(manifest.scid.lowercased() == whole.scid.lowercased() && manifest.clip == whole.clip)
                    #expect(manifest.file.sha256 == whole.file.sha256)
                    #expect(manifest.request.sessionRef == whole.request.sessionRef)
                } catch {
                    refused += 1
                    #expect(!error.description.isEmpty)
                }
            }
            #expect(refused > 0 && accepted > 0, "\(refused) refused, \(accepted) accepted")
        }
    }

    @Test func `a damaged batch, seal, page of times or file of statistics is read or refused`() async throws {
        try await withOutput { folder in
            let output = OutputFolder(folder.appending(path: "out").path)
            try await eachMutation(of: URL(filePath: output.report)) { _ in
                do throws(BatchError) { _ = try BatchContents(in: output) } catch { #expect(!"\(error)".isEmpty) }
            }
            struct Kept: Decodable { var wish: StatisticsQuery }
            let text = try Data(contentsOf: URL(filePath: output.statistics))
            let query = try JSONDecoder().decode(Kept.self, from: text).wish
            let kept = try StatisticsFile.kept(at: output.statistics, for: query)
            #expect(kept != nil)
            try await eachMutation(of: URL(filePath: output.statistics)) { _ in
                do throws(RunError) {
                    let found = try StatisticsFile.kept(at: output.statistics, for: query)
                    #expect(found == nil || found == kept, "other statistics than those that were kept")
                } catch {}
            }
            var pipeline = try PipelineFile(reading: folder.appending(path: "pipeline.yaml").path)
            pipeline.statistics = nil
            let stamp = try #require(UpToDateStamp(pipeline, only: [], root: folder.path, style: "plain"))
            let words = UpToDateStamp.Words(output: "CLIP\na  published\n", messages: ["1 published"], exitCode: 0)
            stamp.keep(words)
            #expect(stamp.words() == words)
            try await eachMutation(of: URL(filePath: output.seal)) { _ in
                #expect(stamp.words() == nil, "a damaged seal says something")
            }
            #expect(stamp.words() == words)
            let (page, batch) = (ReportPage(of: output, .automatic), try BatchContents(in: output))
            try await eachMutation(of: URL(filePath: output.timings)) { _ in
                _ = page.isCurrent(for: batch)
                _ = ReportPage.timings(in: output)
            }
        }
    }

    @Test func `a damaged journal is read or refused`() async throws {
        try await withOutput { folder in
            let output = OutputFolder(folder.appending(path: "out").path)
            let copy = folder.appending(path: "copy/journal.db")
            try FileManager.default.createDirectory(
                at: copy.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.copyItem(at: URL(filePath: output.journal), to: copy)
            var (refused, read) = (0, 0)
            try await eachMutation(of: copy) { _ in
                for ending in ["-wal", "-shm", "-journal"] { unlink(copy.path + ending) }
                do {
                    _ = try JournalOverview.entries(path: copy.path)
                    let journal = try Journal(path: copy.path, service: "local")
                    _ = try await (journal.clips(), journal.prepared())
                    read += 1
                } catch is SQLiteError {
                    refused += 1
                } catch is SchemaError {
                    refused += 1
                }
            }
            #expect(refused > 0 && read > 0, "\(refused) refused, \(read) read")
        }
    }
}
