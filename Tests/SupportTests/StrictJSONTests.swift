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

    @Test func `a text of more values than may be is refused, one of as many is not`() throws {
        func list(_ count: Int) -> Data {
            Data(("[" + Array(repeating: "\"a,[\\\"{\"", count: count).joined(separator: ",") + "]").utf8)
        }
        try StrictJSON.check(list(99), most: 100)
        let error = #expect(throws: StrictJSON.SyntaxError.self) { try StrictJSON.check(list(101), most: 100) }
        #expect(error?.description == "more than 100 values")
        let nested = Data(String(repeating: "[", count: StrictJSON.mostValues + 2).utf8)
        #expect(throws: StrictJSON.SyntaxError.self) { try StrictJSON.check(nested + nested) }
    }

    @Test func `a value of another shape is a decoding error, not a syntax error`() {
        #expect(throws: StrictJSON.Failure.shape("it is not a list")) {
            try StrictJSON.decode([Int].self, from: Data("{}".utf8))
        }
    }
}
