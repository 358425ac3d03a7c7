import Testing

@testable import LocalService

@Suite struct UploadProgressTests {
    @Test func `a block is taken only if the others can still make up the rest of the file`() {
        var progress = UploadProgress(fileSize: 10, expectedBlocks: 3)
        #expect(progress.decision(block: 0, size: 8) == .store)
        #expect(progress.decision(block: 0, size: 9) != .store)
        progress.store(block: 2, size: 4)
        #expect(progress.decision(block: 0, size: 6) != .store)
        #expect(progress.decision(block: 0, size: 5) == .store)
        progress.store(block: 0, size: 5)
        #expect(progress.decision(block: 1, size: 2) != .store)
        #expect(progress.decision(block: 1, size: 1) == .store)
        #expect(progress.decision(block: 2, size: 4) == .repeated)
    }

    @Test func `blocks that are too small for the rest to fit into the limit are refused at once`() {
        let progress = UploadProgress(fileSize: 4_194_304, expectedBlocks: 2)
        #expect(progress.decision(block: 0, size: 2_097_151) != .store)
        #expect(progress.decision(block: 0, size: 2_097_152) == .store)
    }

    @Test func `without announced blocks there is one, of the whole size`() {
        let progress = UploadProgress(fileSize: 4_294_967_295, expectedBlocks: nil)
        #expect(progress.decision(block: 0, size: 4_294_967_295) == .store)
        #expect(progress.decision(block: 0, size: 4_294_967_294) != .store)
        #expect(progress.decision(block: 1, size: 1) != .store)
    }

    @Test func `the making of the file is claimed once, and again when it failed`() {
        var progress = UploadProgress(fileSize: 2, expectedBlocks: 2)
        progress.store(block: 0, size: 1)
        let early = progress.startCommit()
        progress.store(block: 1, size: 1)
        let claims = [progress.startCommit(), progress.startCommit()]
        progress.commitFailed()
        progress.remove(block: 1)
        let afterFailure = progress.startCommit()
        #expect(!early && claims == [true, false] && !afterFailure)
        #expect(progress.decision(block: 1, size: 1) == .store)
        progress.store(block: 1, size: 1)
        let second = progress.startCommit()
        #expect(second)
        progress.close()
        progress.commitFailed()
        #expect(progress.phase == .closed)
    }
}
