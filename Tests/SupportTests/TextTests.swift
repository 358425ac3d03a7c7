import Foundation
import Support
import Testing

@Suite struct TextTests {
    @Test(arguments: [
        ("red \u{1B}[31m", "red \u{FFFD}[31m"), ("turned \u{202E}gpj.exe", "turned \u{FFFD}gpj.exe"),
        ("isolated \u{2066}a\u{2069}", "isolated \u{FFFD}a\u{FFFD}"), ("two\nlines\tand more", "two lines and more"),
        ("C1 \u{9B}2J", "C1 \u{FFFD}2J"), ("a\u{2028}b", "a\u{FFFD}b"),
        ("no character \u{FFFE}", "no character \u{FFFD}"),
        ("Zoë – 20 °C, 東京, 👩‍👩‍👧", "Zoë – 20 °C, 東京, 👩‍👩‍👧"),
    ])
    func `nothing that is shown steers a terminal or turns the text`(text: String, shown: String) {
        #expect(TerminalText.onOneLine(text) == shown)
        let lines = shown == "two lines and more" ? text : shown
        #expect(TerminalText.message(text) == lines)
    }

    @Test func `colours of our own are kept, and nothing that begins like one`() {
        let text = "\u{1B}[31mfailed\u{1B}[0m \u{1B}[2J \u{1B}]0;x\u{7}"
        let shown = "\u{1B}[31mfailed\u{1B}[0m \u{FFFD}[2J \u{FFFD}]0;x\u{FFFD}"
        #expect(TerminalText.message(text, keepsColours: true) == shown)
        #expect(!TerminalText.message(text).contains("\u{1B}"))
    }

    @Test func `a long text is cut`() {
        #expect(TerminalText.onOneLine(String(repeating: "ä", count: 5_000)).count == TerminalText.longest)
    }

    @Test func `markup from outside is text`() {
        #expect(
            Markup.escaped("<a href=\"x\">&'\u{202E}\u{1}") == "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\u{FFFD}\u{FFFD}")
        #expect(Markup.escaped("東京\n\tb") == "東京\n\tb")
    }

    @Test(arguments: [
        ("00000000-0000-0012-0023-000000000070", true), ("abcdefAB-0000-0012-0023-000000000070", true),
        ("00000000-0000-0012-0023-00000000007", false), ("00000000-0000-0012-0023-000000000070 ", false),
        ("{0000000-0000-0012-0023-000000000070}", false), ("00000000000000120023000000000070", false), ("", false),
        ("0000000g-0000-0012-0023-000000000070", false), ("００000000-0000-0012-0023-000000000070", false),
    ])
    func `a GUID has its digits in five groups`(text: String, isOne: Bool) {
        #expect(GUID.isValid(text) == isOne)
    }

    @Test func `a member that is wrong is named as it is in the text`() {
        func sentence(_ text: String) -> String? {
            let error = #expect(throws: StrictJSON.Failure.self) {
                try StrictJSON.decode([String: [Inner]].self, from: Data(text.utf8))
            }
            return error?.description
        }
        #expect(
            sentence(#"{"a": [{"size": 1, "names": {}}, {"size": "x", "names": {}}]}"#)
                == "\"a[1].size\" is not a whole number")
        #expect(sentence(#"{"a": [{"names": {}}]}"#) == "\"a[0].size\" is missing")
        #expect(sentence(#"{"a": [{"size": 1, "names": []}]}"#) == "\"a[0].names\" is not an object")
        #expect(sentence(#"{"a": {}}"#) == "\"a\" is not a list")
        #expect(sentence(#"[]"#) == "it is not an object")
    }

    private struct Inner: Decodable {
        var size: Int
        var names: [String: String]
    }
}
