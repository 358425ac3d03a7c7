import Testing

@testable import Pipeline

/// When `clipship watch` takes a session for over.
@Suite struct SessionWatchTests {
    private func clip(_ name: String, _ identity: String = "1", done: Bool = false) -> SessionWatch.Clip {
        .init(path: "/r/\(name)", folder: "/r/\(name.prefix { $0 != "/" })", identity: identity, isMarkedDone: done)
    }

    @Test func `quiet time takes two looks, of all clips of the session`() {
        var watch = SessionWatch(.quiet(.seconds(30)))
        #expect(watch.look(at: [clip("a/1"), clip("b/1")], now: .seconds(0)) == [])
        #expect(watch.nextChange(after: .seconds(0)) == .seconds(30))
        // One of session a grows, and session b has another clip.
        #expect(watch.look(at: [clip("a/1", "2"), clip("b/1"), clip("b/2")], now: .seconds(20)) == [])
        #expect(watch.look(at: [clip("a/1", "2"), clip("b/1"), clip("b/2")], now: .seconds(30)) == [])
        #expect(
            watch.look(at: [clip("a/1", "2"), clip("b/1"), clip("b/2")], now: .seconds(50))
                == ["/r/a/1", "/r/b/1", "/r/b/2"])
    }

    @Test func `what is done is looked at again when it changes, and what failed for now later`() {
        var watch = SessionWatch(.manifest)
        #expect(watch.look(at: [clip("a/1"), clip("a/2")], now: .zero) == ["/r/a/1", "/r/a/2"])
        watch.done("/r/a/1")
        watch.postpone("/r/a/2", until: .seconds(60))
        #expect(watch.look(at: [clip("a/1"), clip("a/2")], now: .seconds(59)) == [])
        #expect(watch.nextChange(after: .seconds(59)) == .seconds(60))
        #expect(watch.look(at: [clip("a/1"), clip("a/2")], now: .seconds(60)) == ["/r/a/2"])
        #expect(watch.look(at: [clip("a/1", "2"), clip("a/2")], now: .seconds(61)) == ["/r/a/1", "/r/a/2"])
        // One that is gone is forgotten.
        #expect(watch.look(at: [], now: .seconds(62)) == [])
        #expect(watch.nextChange(after: .seconds(62)) == nil)
    }

    @Test func `a file of the name says that its session is over`() {
        var watch = SessionWatch(.file("DONE"))
        #expect(watch.look(at: [clip("a/1"), clip("b/1", done: true)], now: .zero) == ["/r/b/1"])
        #expect(
            watch.look(at: [clip("a/1", done: true), clip("b/1", done: true)], now: .zero) == ["/r/a/1", "/r/b/1"])
    }

    @Test func `the ends are read as they are documented, and nothing else is`() {
        #expect(SessionEnd("quiet 30s") == .quiet(.seconds(30)))
        #expect(SessionEnd("file DONE") == .file("DONE"))
        #expect(SessionEnd("manifest") == .manifest)
        for text in ["", "quiet", "quiet 0s", "quiet soon", "file", "file a/b", "file ..", "manifest now", "done"] {
            #expect(SessionEnd(text) == nil, "\(text)")
        }
    }
}
