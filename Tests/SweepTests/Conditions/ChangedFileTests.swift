import ClipModel
import Foundation
import SystemIO
import TestSupport
import Testing
import Transport

@testable import Pipeline

/// Files that are not what their manifests describe any more.
@Suite(.enabled("\(FileTimes.showNothing)") { try await FileTimes.showWrites() }) struct ChangedFileTests {
    private let reading = BlockingPool("reading", width: 1)

    private func withClip(_ body: (SweptClip, URL) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let pictures = try await Thumbnails.shared.value
            try await body(try SweptClip(0, blocks: 3, of: 1_000, pictures: pictures, in: folder), folder)
        }
    }

    /// Changes a byte of the second block, and puts the time back.
    private static func change(_ file: URL) throws {
        let before = try FileIdentity(of: file.path)
        let writer = try FileHandle(forUpdating: file)
        defer { try? writer.close() }
        try writer.seek(toOffset: 1_500)
        let old = try #require(try writer.read(upToCount: 1)?.first)
        // The system counts the times of files in ticks.
        let end = ContinuousClock.now + .seconds(10)
        repeat {
            try #require(ContinuousClock.now < end, "the write does not show")
            try writer.seek(toOffset: 1_500)
            try writer.write(contentsOf: Data([old ^ 1]))
        } while try FileIdentity(of: file.path).changed <= before.changed
        let time = timespec(
            tv_sec: Int(before.modified / 1_000_000_000), tv_nsec: Int(before.modified % 1_000_000_000))
        #expect(utimensat(AT_FDCWD, file.path, [time, time], 0) == 0)
        #expect(try FileIdentity(of: file.path).modified == before.modified)
    }

    private func read(_ body: HTTPBody?) throws -> Data {
        guard case .range(let source, let range) = body else { throw NoBody() }
        var data = Data(count: range.count)
        let count = try data.withUnsafeMutableBytes { try source.read(into: $0, at: range.lowerBound) }
        return data.prefix(count)
    }

    private struct NoBody: Error {}

    @Test func `a file that has its stamp is sent as it is, until somebody writes to it`() async throws {
        try await withClip { clip, folder in
            let contents = try ClipContents(
                clip.manifest, file: clip.file.path, stamp: try clip.stamp(), folder: folder.path, reading: reading)
            let file = try contents.open()
            let body = await contents.stampedBlock(1, of: file)
            #expect(try read(body) == (try Data(contentsOf: clip.file))[1_000..<2_000])
            try Self.change(clip.file)
            // Also what was begun before.
            #expect(throws: StampedFile.Touched.self) { try read(body) }
            let another = await contents.stampedBlock(0, of: file)
            #expect(another == nil)

            let buffers = BufferPool(size: 1_000)
            #expect(try await contents.block(0, of: file, in: buffers).count == 1_000)
            do throws(ClipFailure) {
                _ = try await contents.block(1, of: file, in: buffers)
                Issue.record("a block that changed was handed out")
            } catch {
                #expect(error.reason.hasPrefix("block 1 is not what its manifest says"))
                #expect(error.kind == .permanent)
            }
        }
    }

    @Test func `a file without a stamp is not sent as it is`() async throws {
        try await withClip { clip, folder in
            let contents = try ClipContents(clip.manifest, file: clip.file.path, folder: folder.path, reading: reading)
            let body = await contents.stampedBlock(0, of: try contents.open())
            #expect(body == nil)
        }
    }

    /// Before the block's turn, and when it is about to be read.
    @Test(arguments: [(isKnown: true, while: 0), (true, 1), (false, 0)])
    func `nothing of a file that is written to while it goes up is published`(isKnown: Bool, while block: Int)
        async throws
    {
        try await FaultBench.with(clips: 1, blocksEach: 3) { bench in
            let file = bench.folder.appending(path: "clip-0.mp4")
            let isFirst = Locked(true)
            bench.hold { request in
                guard request.method == .put, request.url.text.contains("blockNum=\(block)") else { return }
                guard
                    isFirst.withLock({ isFirst in
                        defer { isFirst = false }; return isFirst
                    })
                else { return }
                do { try Self.change(file) } catch { Issue.record(error) }
            }
            var options = SubmitOptions()
            options.blocksInFlight = 1
            let failures = try await bench.submit(options, knowsFiles: isKnown)
            #expect(failures.count == 1)
            #expect(failures.first?.reason.hasPrefix("block 1 is not what its manifest says") == true)
            #expect(try bench.states() == ["Deleted"])
        }
    }

    @Test func `a file that is only touched while it goes up is published`() async throws {
        try await FaultBench.with(clips: 1, blocksEach: 3) { bench in
            let file = bench.folder.appending(path: "clip-0.mp4")
            bench.hold { request in
                guard request.method == .put, request.url.text.contains("blockNum=1") else { return }
                #expect(chmod(file.path, 0o600) == 0)
            }
            var options = SubmitOptions()
            options.blocksInFlight = 1
            #expect(try await bench.submit(options, knowsFiles: true) == [])
            try bench.expectEachPublishedOnce()
        }
    }
}
