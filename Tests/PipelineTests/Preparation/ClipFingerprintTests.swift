import ClipModel
import Journal
import Testing

@testable import MediaWorker
@testable import Pipeline

@Suite struct ClipFingerprintTests {
    private static let ready = PreparedRecord.Outcome.ready(
        key: "k", ClipSummary(durationSeconds: 1, size: ByteCount(1), blockCount: 1))
    private static let refused = PreparedRecord.Outcome.refused(reason: "no decoder")

    private static func media(_ program: String) -> MediaInstallation {
        MediaInstallation(program: program, loaderCache: "/none", libraryPath: "")
    }

    private func record(_ fingerprint: ClipFingerprint, _ outcome: PreparedRecord.Outcome) throws -> PreparedRecord {
        PreparedRecord(
            file: "a.mp4", identity: "1", options: try #require(fingerprint.text(for: outcome)), clip: "a",
            outcome: outcome)
    }

    @Test func `a refusal depends on options and on what looks at media, a manifest on options only`() throws {
        let old = ClipFingerprint(options: "o", media: Self.media("/old"))
        let upgraded = ClipFingerprint(options: "o", media: Self.media("/new"))
        let changed = ClipFingerprint(options: "p", media: Self.media("/old"))
        for outcome in [Self.ready, Self.refused] {
            let record = try record(old, outcome)
            #expect(old.fits(record))
            #expect(!changed.fits(record))
            #expect(upgraded.fits(record) == (outcome == Self.ready))
        }
    }

    @Test func `a wish to try again is about refusals, and is kept with nothing`() throws {
        var fingerprint = ClipFingerprint(options: "o", media: Self.media("/old"))
        let records = [try record(fingerprint, Self.ready), try record(fingerprint, Self.refused)]
        fingerprint.retriesRefusals = true
        #expect(records.map(fingerprint.fits) == [true, false])
        #expect(try records[1] == record(fingerprint, Self.refused))
    }

    @Test func `what has no digest is like nothing, not even like itself`() {
        let none = ClipFingerprint(options: nil, media: Self.media("/old"))
        for outcome in [Self.ready, Self.refused] {
            #expect(none.text(for: outcome) == nil)
            let record = PreparedRecord(file: "a.mp4", identity: "1", options: "", clip: "a", outcome: outcome)
            #expect(!none.fits(record))
        }
    }
}
