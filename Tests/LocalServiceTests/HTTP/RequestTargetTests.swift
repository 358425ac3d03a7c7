import Testing

@testable import LocalService

@Suite struct RequestTargetTests {
    @Test func `path and query are split and decoded`() throws {
        let target = try #require(RequestTarget(parsing: "/users/xuid%281%29/clips?a=b%26c&d=e+f&g&=h&a=2"))
        #expect(target.segments == ["users", "xuid(1)", "clips"])
        #expect(target.values("A") == ["b&c", "2"])
        #expect(target.values("d") == ["e f"] && target.values("g") == [""])
        #expect(RequestTarget(parsing: "/a+b")?.segments == ["a+b"])
        #expect(RequestTarget(parsing: "/")?.segments == [])
        #expect(RequestTarget(parsing: "http://host:1/a?b=http://c")?.segments == ["a"])
        #expect(RequestTarget(parsing: "http://host")?.segments == [])
    }

    @Test(arguments: [
        "", "a", "*", "/a/../b", "/%2e%2e", "/.", "/a%2f..%2fb", "/a%00", "/%0d%0a", "/%", "/%4", "/%zz", "/%ff",
        "/a?b=%zz",
    ])
    func `what is malformed or leads somewhere else is not read`(text: String) {
        #expect(RequestTarget(parsing: text) == nil)
    }

    @Test(arguments: [
        ("bytes=0-9", ByteRange.part(0..<10)), ("bytes=90-", .part(90..<100)), ("bytes=-5", .part(95..<100)),
        ("bytes=0-999", .part(0..<100)), ("bytes=100-", .impossible), ("bytes=-0", .impossible),
        ("bytes=9-1", .whole), ("bytes=1", .whole), ("bytes=1-2,4-5", .whole), ("items=1-2", .whole),
        ("bytes=0-18446744073709551616", .part(0..<100)), ("bytes=-18446744073709551616", .part(0..<100)),
    ])
    func `ranges of 100 bytes are read as RFC 9110 has them`(text: String, expected: ByteRange) {
        #expect(ByteRange(parsing: text, size: 100) == expected)
    }
}
