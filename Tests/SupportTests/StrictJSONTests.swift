import FoundationEssentials
import Support
import Testing

@Suite struct StrictJSONTests {
    @Test(arguments: [
        (#"{"a": 1,}"#, 9), (#"{"a": 1 "b": 2}"#, 11), ("[1, 2", 5), ("", 0), ("{'a': 1}", 2),
        (#"{"a": 1, "a": 2}"#, 12),
    ])
    func `what is not JSON is refused at its byte offset`(text: String, offset: Int) {
        #expect {
            try StrictJSON.check(Data(text.utf8))
        } throws: { error in
            (error as? StrictJSON.SyntaxError)?.byteOffset == offset
        }
    }

    @Test func `a byte that is not UTF-8 is refused`() {
        #expect(throws: StrictJSON.SyntaxError.self) { try StrictJSON.check(Data([0x22, 0xff, 0x22])) }
    }

    @Test(arguments: ["3", "null", #""x""#, "[]", #"{"a": {"b": [1.5e3, true, null]}}"#])
    func `JSON passes`(text: String) throws {
        try StrictJSON.check(Data(text.utf8))
    }

    @Test func `a value of another shape is a decoding error, not a syntax error`() {
        #expect(throws: DecodingError.self) { try StrictJSON.decode([Int].self, from: Data("{}".utf8)) }
    }
}
