import Testing

@testable import Transport

@Suite struct HTTPHeadersTests {
    @Test func `names compare without regard to case`() {
        var headers: HTTPHeaders = ["Retry-After": "5"]
        #expect(headers["retry-AFTER"] == "5")
        headers["RETRY-after"] = "6"
        #expect(headers.fields.map(\.value) == ["6"])
        headers["Retry-After"] = nil
        #expect(headers.fields.isEmpty)
    }

    @Test func `the token never shows`() {
        let headers: HTTPHeaders = ["authorization": "Xauth=secret", "A": "b"]
        var dumped = ""
        dump(headers, to: &dumped)
        for text in ["\(headers)", String(reflecting: headers), dumped] {
            #expect(!text.contains("secret"))
            #expect(text.contains("***"))
        }
    }

    @Test(arguments: [("", "x"), ("A B", "x"), ("A:", "x"), ("A", "x\ny"), ("A", "x\0"), ("Ä", "x")])
    func `what could not stand on one line is not well-formed`(name: String, value: String) {
        #expect(!HTTPHeaders([.init(name: name, value: value)]).areWellFormed)
    }
}
