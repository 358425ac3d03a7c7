import ClipModel
import Glibc
import SystemIO
import Testing

@testable import Pipeline

@Suite struct ClipFailureTests {
    @Test(arguments: [(ENOMEM, true), (ESTALE, true), (EIO, false), (EACCES, false)])
    func `a file that can't be read may be read later if its error passes by itself`(code: Int32, isTemporary: Bool) {
        let failure = ClipFailure(MediaError(.unreadable, "It cannot be read.", code: code))
        #expect((failure.kind == .temporary) == isTemporary)
        #expect(!failure.isOfTheClip)
    }
}
