import Foundation
import TestSupport
import Testing
import Transport

@Suite struct TLSTests {
    /// A certificate for 127.0.0.1 that only those trust who are told to.
    private func withServer(_ body: (WebServer, _ certificate: URL) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let (certificate, key) = (folder.appending(path: "cert.pem"), folder.appending(path: "key.pem"))
            let made = try await run(
                "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key.path,
                    "-out",
                    certificate.path,
                ])
            try #require(made.status == 0, "\(made.errorText)")
            try await body(try WebServer(certificate: (certificate, key)), certificate)
        }
    }

    @Test func `a certificate that does not verify is refused and nothing is sent`() async throws {
        try await withServer { server, _ in
            let request = HTTPRequest(.put, try server.url("/echo"), body: .bytes(Data("secret".utf8)))
            let error = try await failure(of: request, try CurlTransport())
            guard case .certificateRefused = error.kind else { throw error }
            #expect(!error.mayHaveBeenSent)
        }
    }

    @Test func `a named authority is trusted`() async throws {
        try await withServer { server, certificate in
            var configuration = CurlConfiguration()
            configuration.authorities = TrustedAuthorities(file: certificate.path)
            let transport = try CurlTransport(configuration)
            let body = Data(count: 5_000_000)
            let response = try await transport.perform(
                HTTPRequest(.put, server.url("/echo"), body: .bytes(body)))
            #expect(try JSONDecoder().decode(Echo.self, from: response.body).length == body.count)
        }
    }

    @Test func `a certificate for another name is refused`() async throws {
        try await withServer { server, certificate in
            var configuration = CurlConfiguration()
            configuration.authorities = TrustedAuthorities(file: certificate.path)
            let other = server.origin.replacing("127.0.0.1", with: "localhost")
            let error = try await failure(
                of: HTTPRequest(.get, HTTPURL(parsing: other)), try CurlTransport(configuration))
            guard case .certificateRefused = error.kind else { throw error }
            #expect(!error.mayHaveBeenSent)
        }
    }

    @Test func `a host that does not speak TLS is no certificate problem`() async throws {
        let server = try WebServer.shared.get()
        let other = server.origin.replacing("http://", with: "https://")
        let error = try await failure(
            of: HTTPRequest(.get, HTTPURL(parsing: other)),
            try CurlTransport(limits(connect: .milliseconds(500))))
        switch error.kind {
        case .tlsFailed, .timedOut(.connect): break
        default: throw error
        }
        #expect(!error.mayHaveBeenSent)
    }
}
