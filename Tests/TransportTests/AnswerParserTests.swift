import Foundation
import Testing

@testable import Transport

@Suite struct AnswerParserTests {
    private func feed(_ lines: [String], to parser: inout AnswerParser) throws {
        for line in lines {
            try Data(line.utf8).withUnsafeBytes { bytes throws in try parser.header(bytes) }
        }
    }

    @Test func `a head is put together, blanks around values removed`() throws {
        var parser = AnswerParser(.memory(limit: 10))
        try feed(["HTTP/1.1 200 OK\r\n", "A:  x y \t\r\n", "B:\r\n", "\r\n"], to: &parser)
        #expect(parser.head == .init(status: 200, headers: ["A": "x y", "B": ""]))
    }

    @Test func `HTTP 2 has no reason phrase`() throws {
        var parser = AnswerParser(.memory(limit: 10))
        try feed(["HTTP/2 404 \r\n", "\r\n"], to: &parser)
        #expect(parser.head?.status == 404)
    }

    @Test func `an interim answer is no answer`() throws {
        var parser = AnswerParser(.memory(limit: 10))
        try feed(["HTTP/1.1 100 Continue\r\n", "\r\n"], to: &parser)
        #expect(parser.head == nil)
        #expect(parser.bytesReceived == 0)
    }

    @Test(arguments: ["HTTP/1.1 abc\r\n", "HTTP/1.1\r\n", "no colon\r\n"])
    func `what is no head is refused`(line: String) {
        var parser = AnswerParser(.memory(limit: 10))
        #expect(throws: AnswerParser.Refusal.self) { try feed(["HTTP/1.1 200 OK\r\n", line], to: &parser) }
    }

    @Test func `a head has a limit`() {
        var parser = AnswerParser(.memory(limit: 10))
        let line = "A: \(String(repeating: "x", count: 10_000))\r\n"
        #expect(throws: AnswerParser.Refusal.self) {
            try feed(["HTTP/1.1 200 OK\r\n"] + Array(repeating: line, count: 30), to: &parser)
        }
    }
}
