import Foundation
import TestSupport
import Testing

/// A service whose certificate no authority of the system vouches for: `clipship serve --tls`.
@Suite(.fewAtOnce, .timeLimit(.minutes(5))) struct PrivateAuthorityTests {
    /// None of the variables that name authorities.
    private static let nobody = ["CURL_CA_BUNDLE": "", "SSL_CERT_FILE": "", "SSL_CERT_DIR": ""]

    /// Runs `body` with a pipeline that ships one clip to a service with a certificate of its own.
    private func withService(_ body: (Workbench, _ authority: URL) async throws -> Void) async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            let data = bench.folder.appending(path: "service-data")
            try await Service.with(data, "--tls") { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try bench.writePipeline(
                    service: "{metadata: \"https://127.0.0.1:\(service.port)\", token: {file: token}}")
                try await body(bench, data.appending(path: "certificate.pem"))
            }
        }
    }

    private func run(
        _ bench: Workbench, _ more: String..., environment: [String: String] = nobody
    ) async throws -> ProgramResult {
        try await clipship(["run", bench.pipeline.path] + more, in: bench.folder, environment: environment)
    }

    @Test func `an authority that is not trusted is exit 75 with what to do, and then the run goes on`() async throws {
        try await withService { bench, authority in
            let refused = try await run(bench)
            expect(refused, exits: 75)
            let reason = try #require(try bench.output.batch["instant-replay"]?.reason)
            #expect(reason.contains("the host's certificate was not accepted"))
            for word in ["--ca FILE", "service.certificates", "SSL_CERT_FILE", "run the same command again"] {
                #expect(reason.contains(word), "\(word): \(reason)")
            }
            expect(try await run(bench, "--ca", authority.path), exits: 0)
            #expect(try bench.output.batch.totals["published"] == 1)
        }
    }

    @Test(arguments: ["CURL_CA_BUNDLE", "SSL_CERT_FILE"])
    func `a variable that curl knows names the authority`(variable: String) async throws {
        try await withService { bench, authority in
            let environment = Self.nobody.merging([variable: authority.path]) { $1 }
            expect(try await run(bench, environment: environment), exits: 0)
        }
    }

    @Test func `the pipeline's authority comes before the variables', and the command line's before it`() async throws {
        try await withService { bench, authority in
            let other = try await run(
                bench, "--ca", "/etc/ssl/certs/ca-certificates.crt", environment: ["CURL_CA_BUNDLE": authority.path])
            expect(other, exits: 75)
            try bench.change("token: {file: token}", to: "token: {file: token}, certificates: authority.pem")
            try FileManager.default.copyItem(at: authority, to: bench.folder.appending(path: "authority.pem"))
            let system = ["CURL_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt"]
            expect(try await run(bench, environment: system), exits: 0)
        }
    }

    @Test func `an authority that is not there is a mistake, told before anything is sent`() async throws {
        try await withService { bench, _ in
            let result = try await run(bench, "--ca", "nowhere.pem")
            expect(result, exits: 2)
            #expect(result.errorText.contains("nowhere.pem"))
        }
    }

    @Test func `single calls know the same authority`() async throws {
        try await Workbench.with([]) { bench in
            let data = bench.folder.appending(path: "service-data")
            try await Service.with(data, "--tls") { service in
                let token = bench.folder.appending(path: "token")
                try service.writeToken(to: token)
                let list = [
                    "clip", "list", "--service", "https://localhost:\(service.port)", "--token-file", token.path,
                ]
                let refused = try await clipship(list, environment: Self.nobody)
                expect(refused, exits: 75)
                #expect(refused.errorText.contains("--ca FILE"))
                let authority = data.appending(path: "certificate.pem").path
                expect(try await clipship(list + ["--ca", authority], environment: Self.nobody), exits: 0)
            }
        }
    }
}
