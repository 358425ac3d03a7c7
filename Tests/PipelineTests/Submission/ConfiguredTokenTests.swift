import Testing
import XboxServices

@testable import Pipeline

@Suite struct ConfiguredTokenTests {
    @Test func `a token stands by itself or with the user hash`() {
        #expect(Token(configured: "abc") == Token("abc"))
        #expect(Token(configured: "XBL3.0 x=hash;a;c=") == Token("a;c=", userHash: "hash"))
    }

    @Test(arguments: ["", "a b", "XBL3.0 x=hash", "XBL3.0 x=;abc", "XBL3.0 x=hash;", "XBL3.0 x=ha sh;abc"])
    func `anything else is no token`(text: String) {
        #expect(Token(configured: text) == nil)
    }
}
