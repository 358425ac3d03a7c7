import Foundation
import TestSupport
import Testing
import Transport

/// Whom we believe, and what we show of ourselves.
@Suite(.timeLimit(.minutes(2))) struct AuthorityTests {
    /// A folder with certificates for 127.0.0.1 that nobody trusts who is not told to.
    private func withCertificates(_ names: String..., body: (URL) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            for name in names {
                try await run(
                    "openssl",
                    [
                        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", folder.appending(path: "\(name).key").path,
                        "-out", folder.appending(path: "\(name).pem").path,
                    ]
                ).expectSuccess()
            }
            try await body(folder)
        }
    }

    private func server(_ folder: URL, clients: String? = nil) throws -> WebServer {
        try WebServer(
            certificate: (folder.appending(path: "host.pem"), folder.appending(path: "host.key")),
            clients: clients.map { folder.appending(path: $0) })
    }

    private func transport(_ change: (inout CurlConfiguration) -> Void) throws -> CurlTransport {
        var configuration = limits()
        change(&configuration)
        return try CurlTransport(configuration)
    }

    @Test func `a folder of certificates is trusted, and nobody beside them`() async throws {
        try await withCertificates("host", "other") { folder in
            let server = try server(folder)
            for (name, isTrusted) in [("host", true), ("other", false)] {
                let authorities = folder.appending(path: "\(name)-only")
                try FileManager.default.createDirectory(at: authorities, withIntermediateDirectories: true)
                try FileManager.default.copyItem(
                    at: folder.appending(path: "\(name).pem"), to: authorities.appending(path: "a.pem"))
                try await run("openssl", ["rehash", authorities.path]).expectSuccess()
                let transport = try transport { $0.authorities = TrustedAuthorities(folder: authorities.path) }
                let request = HTTPRequest(.get, try server.url("/echo"))
                if isTrusted {
                    #expect(try await transport.perform(request).status == 200)
                } else {
                    let error = try await failure(of: request, transport)
                    guard case .certificateRefused = error.kind else { throw error }
                }
            }
        }
    }

    @Test func `a file that is no certificate says so and nothing is sent`() async throws {
        try await withCertificates("host") { folder in
            let nothing = folder.appending(path: "nothing.pem").path
            let transport = try transport { $0.authorities = TrustedAuthorities(file: nothing) }
            let error = try await failure(of: HTTPRequest(.get, try server(folder).url("/echo")), transport)
            guard case .certificateUnusable = error.kind else { throw error }
            #expect(error.detail.contains(nothing) && !error.mayHaveBeenSent)
        }
    }

    @Test func `a host that asks who is calling gets the certificate that was given`() async throws {
        try await withCertificates("host", "client") { folder in
            let server = try server(folder, clients: "client.pem")
            let transport = try transport {
                $0.authorities = TrustedAuthorities(file: folder.appending(path: "host.pem").path)
                $0.clientCertificate = ClientCertificate(
                    file: folder.appending(path: "client.pem").path, key: folder.appending(path: "client.key").path)
            }
            #expect(try await transport.perform(HTTPRequest(.get, try server.url("/echo"))).status == 200)
        }
    }

    @Test func `the variables of curl are gone by, each in its turn`() {
        func authorities(_ variables: [String: String]) -> TrustedAuthorities? {
            TrustedAuthorities(environment: variables)
        }
        #expect(authorities([:]) == nil)
        #expect(authorities(["CURL_CA_BUNDLE": "", "SSL_CERT_FILE": ""]) == nil)
        #expect(
            authorities(["SSL_CERT_FILE": "/f", "SSL_CERT_DIR": "/d"]) == TrustedAuthorities(file: "/f", folder: "/d"))
        #expect(authorities(["SSL_CERT_DIR": "/d"]) == TrustedAuthorities(folder: "/d"))
        #expect(
            authorities(["CURL_CA_BUNDLE": "/b", "SSL_CERT_FILE": "/f", "SSL_CERT_DIR": "/d"])
                == TrustedAuthorities(file: "/b"))
    }
}
