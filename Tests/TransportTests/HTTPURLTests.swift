import Testing
import Transport

@Suite struct HTTPURLTests {
    @Test func `an address is taken apart`() throws {
        let url = try HTTPURL(parsing: "https://Example.COM/a%20b/c?x=1#part")
        #expect(url.origin.isSecure)
        #expect(url.origin.host == "example.com")
        #expect(url.origin.port == 443)
        #expect(url.path == "/a%20b/c")
        #expect(url.query == "x=1")
        #expect(url.text == "https://example.com/a%20b/c?x=1")
        #expect("\(url)" == "https://example.com/a%20b/c")
    }

    @Test(arguments: [
        "", "example.com", "/only/a/path", "ftp://example.com/", "file:///etc/passwd", "https://",
        "http://a b/",
        "https://user@example.com/", "https://user:secret@example.com/", "http://example.com:0/",
        "http://example.com:99999/", "http://[::1/", "http://example.com/\0",
    ])
    func `what is no address for a request is refused`(text: String) {
        #expect(throws: HTTPURLError.self) { try HTTPURL(parsing: text) }
    }

    @Test func `a refused address shows no password and no query`() {
        for text in ["https://user:secret@example.com/?secret", "ftp://example.com/?secret"] {
            #expect {
                try HTTPURL(parsing: text)
            } throws: {
                !"\($0)".contains("secret")
            }
        }
    }

    @Test(arguments: [
        ("http://127.0.0.1:80/", true), ("http://127.1.2.3/", true), ("http://localhost/", true),
        ("http://LOCALHOST:81/", true), ("http://[::1]:8080/", true), ("http://127.1/", true),
        ("http://0x7f000001/", true), ("http://2130706433/", true), ("http://128.0.0.1/", false),
        ("http://127.0.0.1.example.com/", false), ("http://localhost.example.com/", false),
        ("http://[::2]/", false),
        ("http://127.0.0.1@example.com/", nil),
    ])
    func `loopback is recognised, and nothing that only looks like it`(text: String, isLoopback: Bool?) {
        #expect((try? HTTPURL(parsing: text))?.origin.isLoopback == isLoopback)
    }

    @Test func `origins compare with the port that is meant`() throws {
        let plain = try HTTPURL(parsing: "https://example.com/a").origin
        #expect(try plain == HTTPURL(parsing: "https://EXAMPLE.com:443/b").origin)
        #expect(try plain != HTTPURL(parsing: "http://example.com:443/").origin)
        #expect(try plain != HTTPURL(parsing: "https://example.com:444/").origin)
        #expect("\(plain)" == "https://example.com")
        #expect(try "\(HTTPURL(parsing: "http://[::1]:8080/x").origin)" == "http://[::1]:8080")
    }

    @Test(arguments: [
        ("https://other.example/x", "https://other.example/x"),
        ("//other.example/x", "https://other.example/x"),
        ("/x?y=1", "https://example.com/x?y=1"), ("x", "https://example.com/a/x"),
        ("../x", "https://example.com/x"), ("?y=1", "https://example.com/a/b?y=1"),
    ])
    func `a reference is resolved`(reference: String, expected: String) throws {
        #expect(try HTTPURL(parsing: "https://example.com/a/b?q=0").resolving(reference).text == expected)
    }

    @Test func `path segments are added, percent-encoded`() throws {
        let base = try HTTPURL(parsing: "http://127.0.0.1:8080/base/?q=1")
        let url = try base.appending(["users", "xuid(123)", "a/b c", "é"])
        #expect(url.text == "http://127.0.0.1:8080/base/users/xuid(123)/a%2Fb%20c/%C3%A9")
        for segment in ["", ".", ".."] {
            #expect(throws: HTTPURLError.self) { try base.appending([segment]) }
        }
    }

    @Test(arguments: [
        ("http://127.0.0.1/u", "http://127.0.0.1/u?blockNum=3&uploadId=a%2Bb"),
        ("http://127.0.0.1/u?", "http://127.0.0.1/u?blockNum=3&uploadId=a%2Bb"),
        ("http://127.0.0.1/u?sig=x%2Fy%3D", "http://127.0.0.1/u?sig=x%2Fy%3D&blockNum=3&uploadId=a%2Bb"),
        ("http://127.0.0.1/u?BLOCKNUM=7&a&sig=1#f", "http://127.0.0.1/u?a&sig=1&blockNum=3&uploadId=a%2Bb"),
    ])
    func `parameters merge into the query that is there`(text: String, expected: String) throws {
        let url = try HTTPURL(parsing: text).merging([("blockNum", "3"), ("uploadId", "a+b")])
        #expect(url.text == expected)
    }

    @Test func `a parameter is found in whatever case and encoding`() throws {
        let url = try HTTPURL(parsing: "http://127.0.0.1/?a=1&upload%49D=2")
        #expect(url.hasParameter("uploadId"))
        #expect(!url.hasParameter("upload"))
    }
}
