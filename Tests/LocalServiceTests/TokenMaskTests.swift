import Testing

@testable import LocalService

/// Tokens do not get into a log.
@Suite struct TokenMaskTests {
    @Test(arguments: [
        ("", ""), ("/clips", "/clips"), ("secret", "***"), ("/a?token=secret", "/a?token=***"),
        ("secretsecret/secret", "******/***"), ("secretly", "***ly"), ("a-much-longer-secret", "***"),
        ("a-much-longer-secre", "a-much-longer-secre"), ("ssecret", "s***"), ("sesecret", "se***"), ("secre", "secre"),
        ("secret\u{301}", "***\u{301}"), ("ä/secret/ö", "ä/***/ö"), ("secret-2", "***"), ("xy", "***"),
        ("axyb", "a***b"),
    ])
    func `each token is masked wherever it is, and nothing else`(text: String, masked: String) {
        let mask = TokenMask(["secret", "secret-2", "a-much-longer-secret", "xy"])
        #expect(mask.masked(text) == masked)
        // Of many, it is the same.
        let many = (0..<5_000).map { "token-of-user-\($0)" } + ["secret", "secret-2", "a-much-longer-secret", "xy"]
        #expect(TokenMask(many).masked(text) == masked)
    }

    @Test func `the longest token that is there is the one, and without tokens there is nothing to mask`() {
        let mask = TokenMask((0..<5_000).map { "token-of-user-\($0)" })
        #expect(mask.masked("/token-of-user-4321/token-of-user-5000") == "/***/***0")
        #expect(TokenMask([]).masked("/token") == "/token")
        #expect(TokenMask(["abcdefgh"]).masked("xabcdefghabcdefg") == "x***abcdefg")
    }
}
