import Testing

@testable import ConfigFiles

@Suite struct YAMLParserTests {
    @Test func `values know where they stand`() throws {
        let root = try YAMLParser.parse(Array("a: 1\nb:\n  - x\n  - {y: 'true'}\n".utf8))
        guard case .mapping(let members) = root.content, case .sequence(let items) = members[1].value.content else {
            Issue.record("not a mapping with a list: \(root)")
            return
        }
        #expect(members[0].value.integer == 1)
        #expect(items[0].mark == Mark(line: 3, column: 5))
        guard case .mapping(let inner) = items[1].content else { return }
        #expect(inner[0].value.boolean == nil)
        #expect(inner[0].value.text == "true")
    }

    @Test(arguments: [
        ("a: [1, 2", 1...2), ("a: 'x", 1...2), ("\tx: 1", 1...1), ("a: 1\n---\nb: 2", 3...3), ("a: \u{1}", 1...1),
        ("a: *nowhere", 1...1),
    ])
    func `what is not one YAML document is refused with its line`(text: String, lines: ClosedRange<Int>) {
        #expect {
            try YAMLParser.parse(Array(text.utf8))
        } throws: { error in
            (error as? YAMLError).map { lines.contains($0.mark.line) && !$0.reason.isEmpty } ?? false
        }
    }

    @Test func `aliases that multiply are refused before they fill the memory`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let items = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        #expect(throws: YAMLError.self) { try YAMLParser.parse(Array(text.utf8)) }
    }

    @Test func `nesting without end is refused`() {
        let text = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        #expect(throws: YAMLError.self) { try YAMLParser.parse(Array(text.utf8)) }
    }

    @Test(arguments: ["a: 1\n", "{\"a\": 1}"]) func `a byte order mark is no part of the text`(text: String) throws {
        let node = try YAMLParser.parse([0xEF, 0xBB, 0xBF] + Array(text.utf8))
        #expect(node.mark == .start)
        guard case .mapping(let members) = node.content else {
            Issue.record("\(node.content)")
            return
        }
        #expect(members.map(\.key.text) == ["a"] && members.map(\.value.text) == ["1"])
    }

    @Test func `JSON is YAML, and an empty document is null`() throws {
        #expect(try YAMLParser.parse(Array(#"{"a": "\u00e9\n"}"#.utf8)).mark == .start)
        #expect(try YAMLParser.parse([]).isNull)
    }

    @Test(arguments: ["[", "{a: ", "- "])
    func `what is nested deeper than any file of ours is refused before it takes long`(level: String) throws {
        let text = String(repeating: level, count: 40_000)
        let error = #expect(throws: YAMLError.self) { try YAMLParser.parse(Array(text.utf8)) }
        #expect(error?.reason == "nested deeper than 64 levels")
    }
}
