import ClipModel
import Foundation
import SystemIO
import TestSupport
import Testing

@Suite struct FileDigestsTests {
    @Test(arguments: [(1, 10), (10, 10), (11, 10), (99_999, 1_000), (5_000_001, 2_000_000)])
    func `file and block digests are those of sha256sum`(size: Int, blockSize: Int64) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "data")
            let numbers = (0..<(size / 8 + 1)).map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }
            try numbers.withUnsafeBytes { Data($0.prefix(size)) }.write(to: file)
            let plan = try BlockPlan(fileSize: ByteCount(Int64(size)), blockSize: ByteCount(blockSize))
            let digests = try FileDigests(of: OpenFile(file.path), plan: plan, isAlone: false)
            #expect(try FileDigests(of: OpenFile(file.path), plan: plan, isAlone: true) == digests)
            #expect(digests.blocks.count == plan.count)

            let whole = try await run("sha256sum", ["data"], in: folder)
            #expect(whole.outputText.hasPrefix(digests.file.description))
            try await run("split", ["-d", "-a", "5", "-b", String(blockSize), "data", "block."], in: folder)
                .expectSuccess()
            let blocks = try await run("sh", ["-c", "sha256sum block.* | cut -d' ' -f1"], in: folder)
            #expect(blocks.outputText.split(separator: "\n").map(String.init) == digests.blocks.map(\.description))
        }
    }

    @Test(arguments: [false, true])
    func `a file shorter than the plan is noticed`(isAlone: Bool) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "data")
            try Data(count: 100).write(to: file)
            let plan = try BlockPlan(fileSize: ByteCount(101), blockSize: ByteCount(50))
            #expect(throws: DigestingError.changed(path: file.path)) {
                try FileDigests(of: OpenFile(file.path), plan: plan, isAlone: isAlone)
            }
        }
    }
}
