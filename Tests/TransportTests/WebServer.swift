import Foundation
import TestSupport
import Testing
import Transport

/// `Tests/Programs/http-server.py`, running until this value goes away.
final class WebServer: Sendable {
    let origin: String
    private let input: FileHandle

    /// The one that all tests share.
    static let shared = Result { try WebServer() }

    /// - Parameters:
    ///   - certificate: PEM files of a certificate and its key, to speak TLS.
    ///   - clients: The authority of those who are spoken to; nil for everybody.
    init(certificate: (certificate: URL, key: URL)? = nil, clients: URL? = nil) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        let script = Places.root.appending(path: "Tests/Programs/http-server.py").path
        process.arguments =
            [script] + (certificate.map { ["--tls", $0.certificate.path, $0.key.path] } ?? [])
            + (clients.map { ["--client-ca", $0.path] } ?? [])
        let (input, output) = (privatePipe(), privatePipe())
        process.standardInput = input
        process.standardOutput = output
        try start(process)
        self.input = input.fileHandleForWriting
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
        origin = "\(certificate == nil ? "http" : "https")://127.0.0.1:\(port)"
    }

    deinit {
        try? input.close()
    }

    func url(_ path: String) throws -> HTTPURL {
        try HTTPURL(parsing: origin + path)
    }
}

/// What `/echo` answers.
struct Echo: Decodable {
    var method: String
    var target: String
    var fields: [[String]]
    var length: Int
    var sha256: String

    /// The values of all fields of that name.
    func values(_ name: String) -> [String] {
        fields.filter { $0[0].lowercased() == name.lowercased() }.map { $0[1] }
    }
}

/// Settings with one limit that a test can wait for, and others that no loaded machine reaches.
func limits(
    connect: Duration = .seconds(30), idle: Duration = .seconds(30), answer: Duration = .seconds(30)
) -> CurlConfiguration {
    var configuration = CurlConfiguration()
    configuration.connectTimeout = connect
    configuration.idleTimeout = idle
    configuration.answerTimeout = answer
    return configuration
}

/// The error that a request ends with.
func failure(
    of request: HTTPRequest, _ transport: CurlTransport, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> TransportError {
    do {
        let response = try await transport.perform(request)
        Issue.record("answered \(response.status)", sourceLocation: sourceLocation)
        throw UnexpectedAnswer()
    } catch let error as TransportError {
        return error
    }
}

struct UnexpectedAnswer: Error {}
