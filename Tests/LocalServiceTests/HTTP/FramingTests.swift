import Foundation
import TestSupport
import Testing

@testable import LocalService

/// Requests of which it is not certain where they end, and requests that are too much.
@Suite(.serialized, .timeLimit(.minutes(2))) struct FramingTests {
    /// What a body could be taken for.
    private static let second = "GET /users/me/clips HTTP/1.1\r\nHost: a\r\n\r\n"

    /// What comes back for a `POST` with these header lines, until the connection ends.
    private func answer(_ harness: Harness, _ lines: String..., body: String) async throws -> RawConnection.Talk {
        let head = ["POST /batch HTTP/1.1", "Host: a"] + lines
        let text = head.joined(separator: "\r\n") + "\r\n\r\n" + body
        return try await RawConnection.talk(Data(text.utf8), port: harness.address.port)
    }

    private func expectRefused(
        _ talk: RawConnection.Talk, _ status: Int = 400, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(talk.text.hasPrefix("HTTP/1.1 \(status) "), "\(talk.text)", sourceLocation: sourceLocation)
        let answers = talk.text.matches(of: #/HTTP/1\.1 \d{3} /#)
        #expect(answers.count == 1, "nothing behind it is a request: \(talk.text)", sourceLocation: sourceLocation)
        #expect(talk.text.lowercased().contains("connection: close"), sourceLocation: sourceLocation)
    }

    @Test func `Content-Length beside Transfer-Encoding is 400, and the connection ends`() async throws {
        try await Harness.run { harness in
            let body = "0\r\n\r\n" + Self.second
            let lengths = ["Content-Length: \(body.utf8.count)", "Transfer-Encoding: chunked"]
            expectRefused(try await answer(harness, lengths[0], lengths[1], body: body))
            expectRefused(try await answer(harness, lengths[1], lengths[0], body: body))
        }
    }

    @Test func `more than one length is 400, and the connection ends`() async throws {
        try await Harness.run { harness in
            expectRefused(
                try await answer(harness, "Content-Length: 2", "Content-Length: 44", body: "{}" + Self.second))
            expectRefused(
                try await answer(
                    harness, "Transfer-Encoding: chunked", "Transfer-Encoding: identity",
                    body: "0\r\n\r\n" + Self.second))
        }
    }

    @Test func `a blank before the colon is 400, and the connection ends`() async throws {
        try await Harness.run { harness in
            expectRefused(
                try await answer(harness, "Content-Length : \(Self.second.utf8.count)", body: Self.second))
            expectRefused(try await answer(harness, "Transfer-Encoding\t: chunked", body: "0\r\n\r\n" + Self.second))
        }
    }

    @Test(arguments: ["gzip", "gzip, chunked", "identity", "xchunked"])
    func `an unknown transfer coding is 501 at once`(coding: String) async throws {
        try await Harness.run { harness in
            let talk = try await answer(
                harness, "Transfer-Encoding: \(coding)", body: "0\r\n\r\n" + Self.second)
            // libmicrohttpd 1.0.1 refuses it by itself, with 400.
            let isTheirs = !RequestHeader.readsUpToNUL && talk.text.hasPrefix("HTTP/1.1 400 ")
            expectRefused(talk, isTheirs ? 400 : 501)
        }
    }

    @Test(arguments: ["+2", "-2", "0x2", "2 2", "2, 2"])
    func `a length that is no number is 400`(length: String) async throws {
        try await Harness.run { harness in
            let talk = try await answer(harness, "Content-Length: \(length)", body: "{}" + Self.second)
            #expect(talk.text.hasPrefix("HTTP/1.1 400 ") && !talk.text.contains("401"), "\(talk.text)")
        }
    }

    @Test func `a body in chunks is taken as before`() async throws {
        try await Harness.run { harness in
            let answer = try await curl(
                harness.xblHeaders + ["-H", "Content-Type: application/json", "-H", "Transfer-Encoding: chunked"]
                    + ["--data-binary", "{}", "\(harness.address.baseURL)/batch"])
            expect(answer, is: 400)
            #expect(try answer.json["code"] as? Int == 4000)
        }
    }

    /// A list of clips is asked for, with the lines of a head.
    private func list(_ harness: Harness, _ lines: [String], endedBy end: String = "\r\n") async throws
        -> RawConnection.Talk
    {
        let text = (lines + ["Connection: close", "", ""]).joined(separator: end)
        return try await RawConnection.talk(Data(text.utf8), port: harness.address.port)
    }

    @Test func `a NUL byte in the head is 400, whatever is behind it`() async throws {
        try await Harness.run { harness in
            let start = ["GET /users/me/clips HTTP/1.1", "Host: a", "X-RequestedServiceVersion: 1"]
            let token = "Authorization: Xauth=\(harness.service.developerToken)"
            for line in [token + "\0garbage", token + "\0", token + "\0\0g", token + "\0\r\n ", "X-A: \0b", "X-A\0: b"]
            {
                let more = line.hasPrefix("X-A") ? [token, line] : [line]
                expectRefused(try await list(harness, start + more))
                expectRefused(try await list(harness, [start[0], start[1]] + more + [start[2]]))
            }
            for target in ["/users/me/clips\0garbage", "/users/me/clips?maxItems=1\0&order=A", "/users/me/clips\0"] {
                let talk = try await list(harness, ["GET \(target) HTTP/1.1", start[1], start[2], token])
                // A library that sees the NUL byte itself closes the connection without a word.
                if RequestHeader.readsUpToNUL || !talk.text.isEmpty { expectRefused(talk) }
            }
            // The last line of the head, too.
            for hidden in ["\0garbage", "\0\0garbage", "\0\0\0garbage"] {
                let last = [start[0], start[1], start[2], token + hidden, "", ""].joined(separator: "\r\n")
                expectRefused(try await RawConnection.talk(Data(last.utf8), port: harness.address.port))
            }
        }
    }

    /// Libraries from 1.0 on take no LF without CR.
    @Test func `blanks around a value, and lines that end with LF only, are no NUL bytes`() async throws {
        try await Harness.run { harness in
            let lines = [
                "GET /users/me/clips?maxItems=1 HTTP/1.1", "Host: a", "X-A:", "X-B:  b \t", "X-C:c",
                "X-RequestedServiceVersion: 1", "Authorization: Xauth=\(harness.service.developerToken)",
            ]
            for end in RequestHeader.readsUpToNUL ? ["\r\n", "\n"] : ["\r\n"] {
                let talk = try await list(harness, lines, endedBy: end)
                #expect(talk.text.hasPrefix("HTTP/1.1 200 "), "\(talk.text)")
            }
        }
    }

    /// The status that a `GET` has, with `more` header lines.
    private func status(_ harness: Harness, _ target: String, _ more: String = "") async throws -> String {
        let text = "GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(more)\r\n"
        let talk = try await RawConnection.talk(Data(text.utf8), port: harness.address.port)
        return String(talk.text.dropFirst(9).prefix(3))
    }

    @Test func `the limits on a request's head are those of the description`() async throws {
        let path = "/users/me/clips"
        var heads: [(target: String, more: String, status: String)] = []
        for (size, status) in [(8_000, "401"), (9_000, "414")] {
            heads.append((path + "?a=" + String(repeating: "a", count: size), "", status))
        }
        for (count, status) in [(100, "401"), (101, "414"), (1_000, "414"), (5_000, "414")] {
            heads.append((path + "?" + Array(repeating: "a=1", count: count).joined(separator: "&"), "", status))
        }
        for (size, status) in [(32_000, "401"), (33_000, "431"), (60_000, "431"), (100_000, "431")] {
            heads.append((path, "X-A: " + String(repeating: "a", count: size) + "\r\n", status))
        }
        for (count, status) in [(198, "401"), (199, "431"), (1_000, "431")] {
            heads.append((path, String(repeating: "X-A: a\r\n", count: count), status))
        }
        try await Harness.run { harness in
            for head in heads {
                let status = try await status(harness, head.target, head.more)
                #expect(status == head.status, "\(head.target.utf8.count) and \(head.more.utf8.count) bytes")
            }
        }
    }
}
