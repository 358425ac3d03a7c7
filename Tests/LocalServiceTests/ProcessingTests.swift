import ClipModel
import Foundation
import Glibc
import MediaWorker
import SystemIO
import TestSupport
import Testing

@testable import LocalService

/// Can't look at anything a few times, for reasons that are not the clip's.
private final class TiredInspector: ClipInspector {
    private let failures: Locked<Int>
    private let code: Int32

    init(failures: Int, code: Int32 = EIO) {
        self.failures = Locked(failures)
        self.code = code
    }

    func inspect(path: String, offsetMilliseconds: Int64) throws -> ClipThumbnails {
        let fails = failures.withLock { failures in
            failures -= 1
            return failures >= 0
        }
        if fails { throw FileError(operation: "write", path: path, code: code) }
        return try AnyClipIsVideo().inspect(path: path, offsetMilliseconds: offsetMilliseconds)
    }
}

@Suite(.serialized) struct ProcessingTests {
    private let clock = MovableClock(standingAt: Timestamp(seconds: 1_700_000_000))

    @Test func `a clip that can't be looked at for a while is tried again, later each time, and published`()
        async throws
    {
        try await Harness.run(inspector: TiredInspector(failures: 3), { $0.clock = clock }) { harness in
            let clip = try await harness.upload(Samples.bytes(100), blockSize: 100)
            for (failures, seconds) in [(1, 2), (2, 4), (3, 8)] {
                try await eventually { harness.events.problems.count >= failures ? () : nil }
                #expect(harness.events.problems.last?.contains("tried again in \(seconds) s") == true)
                await clock.advance(by: .seconds(Double(seconds) - 0.5))
                #expect(try await harness.clip(clip.id)["state"] as? String == "Processing")
                await clock.advance(by: .seconds(0.5))
            }
            _ = try await harness.wait(for: "Published", of: clip.id)
            #expect(harness.events.problems.count == 3)
        }
    }

    @Test func `without room for its pictures a clip is 507, and published once there is some`() async throws {
        try await Harness.run(inspector: TiredInspector(failures: 1, code: ENOSPC), { $0.clock = clock }) { harness in
            let clip = try await harness.upload(Samples.bytes(100), blockSize: 100)
            try await eventually { harness.events.problems.isEmpty ? nil : () }
            expect(try await harness.get(harness.url(ofClip: clip.id)), is: 507)
            await clock.advance(by: .seconds(2))
            _ = try await harness.wait(for: "Published", of: clip.id)
        }
    }

    @Test func `that there is no process to decode in, or no descriptor, is not the clip's failure`() async throws {
        let media = MediaWorkerPool(width: 1, forkServer: ForkServer(program: "/none")) { _ in }
        let inspector = MediaInspector(media: media)
        let clip = Places.samples.appending(path: "instant-replay.mp4").path
        #expect(await failure(of: inspector, on: clip) is MediaError)
        #expect(await failure(of: inspector, on: "/") is FileError)
        #expect(await failure(of: inspector, on: "/none.mp4") is InspectionFailure)
    }

    /// On a thread that may be held.
    private func failure(of inspector: MediaInspector, on path: String) async -> (any Error)? {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let result = Result { try inspector.inspect(path: path, offsetMilliseconds: 0) }
                if case .failure(let error) = result {
                    continuation.resume(returning: error)
                } else {
                    continuation.resume(returning: nil)
                }
            }
        }
    }

    @Test(arguments: [(GameClipState.uploaded, 200), (.deleted, 410)])
    func `a block that completes an upload which is over says what became of the clip`(
        state: GameClipState, status: Int
    ) async throws {
        try await withTemporaryFolder { folder in
            let folders = try Folders(root: folder.path)
            try Tokens.makeFile(at: folders.tokens)
            let configuration = LocalService.Configuration(dataFolder: folder.path)
            let records = try ClipRecords(path: folders.database)
            let service = GameClipsService(
                configuration, folders: folders, tokens: try Tokens(reading: folders.tokens),
                faults: Faults(configuration), records: records, inspector: AnyClipIsVideo())
            let now = Timestamp(seconds: 1_700_000_000)
            let clip = ClipRow(
                id: "0f8fad5b-d9cb-469f-a165-70867728950e", xuid: "1", scid: Harness.scid, titleId: .integer(1),
                sandbox: "TEST", deviceType: "Win32", state: .pendingUpload, uploadId: "u", downloadKey: "k",
                request: InitialUploadRequest(
                    dateRecorded: now.description, durationInSeconds: 1, fileSize: 1, expectedBlocks: 1,
                    type: GameClipTypes(parsing: "Achievement"), source: .console, visibility: .default),
                created: now, modified: now)
            #expect(try records.add(clip, quota: nil))
            try service.uploads.create(clip.id)
            let upload = try #require(try service.uploads.upload(of: clip, in: records))
            try records.move(clip.id, from: .pendingUpload, to: state, at: now)
            service.uploads.close(clip.id)
            #expect(service.commit(clip, upload, completedBy: 0).status == status)
        }
    }
}
