import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct TLSTests {
    @Test func `with a generated certificate a clip goes up and comes back, and only those connect who trust it`()
        async throws
    {
        try await Harness.run({ $0.tls = .generated }) { harness in
            #expect(harness.address.baseURL.hasPrefix("https://127.0.0.1:"))
            let trusting = ["--cacert", harness.service.certificateFile]
            let data = Samples.bytes(3_000_000)
            let body = try JSONSerialization.data(withJSONObject: Samples.request(fileSize: data.count, blocks: 2))
            let begun = try await curl(
                trusting + harness.headers + ["-H", "Content-Type: application/json", "--data-binary", "@-"]
                    + [harness.clips], input: body)
            expect(begun, is: 200)
            let uri = try begun.json["uploadUri"] as? String ?? ""
            #expect(uri.hasPrefix(harness.address.baseURL + "/"))
            let id = try begun.json["gameClipId"] as? String ?? ""
            for (number, block) in Samples.blocks(data, of: 2_000_000).enumerated() {
                let answer = try await curl(
                    trusting + harness.headers + ["-X", "PUT", "--data-binary", "@-"]
                        + ["\(uri)?blockNum=\(number)&uploadId=\(id)"], input: block)
                expect(answer, is: number == 0 ? 202 : 201)
            }
            let published = try await eventually { () -> [String: Any]? in
                let answer = try await curl(trusting + harness.headers + [harness.url(ofClip: id)])
                let clip = try answer.json["gameClip"] as? [String: Any] ?? [:]
                return clip["state"] as? String == "Published" ? clip : nil
            }
            #expect(try await harness.download(published, trusting).body == data)
            await #expect(throws: CurlFailure.self) { try await curl(harness.headers + [harness.clips]) }
        }
    }

    @Test func `an answer that is to break off never puts plain bytes into the encrypted stream`() async throws {
        try await Harness.run({ $0.tls = .generated }) { harness in
            let trusting = ["--cacert", harness.service.certificateFile]
            let body = try JSONSerialization.data(withJSONObject: Samples.request(fileSize: 10))
            let begun = try await curl(
                trusting + harness.headers + ["-H", "Content-Type: application/json", "--data-binary", "@-"]
                    + [harness.clips], input: body)
            let id = try begun.json["gameClipId"] as? String ?? ""
            harness.service.setFaults(FaultPlan([FaultPlan.Rule([.delete], .truncateAnswer)]))
            let result = try await run(
                "curl",
                trusting + harness.headers + ["-sS", "--http1.1", "-X", "DELETE", "-g", harness.url(ofClip: id)])
            // An empty reply, or the end of the stream; no record that makes no sense.
            #expect([52, 56].contains(result.status), "\(result.status) \(result.errorText)")
            for word in ["version", "record", "packet"] { #expect(!result.errorText.contains(word)) }
            let logged = try await eventually {
                harness.service.requests(RequestQuery(route: .delete)).first { $0.answered != nil }
            }
            #expect(logged.stored && logged.status == nil)
        }
    }

    @Test func `a generated certificate is kept, names localhost, and its key is the owner's`() async throws {
        try await withTemporaryFolder { folder in
            func certificate() async throws -> Data {
                try await Harness.run(in: folder, { $0.tls = .generated }) { harness in
                    let named = harness.clips.replacing("127.0.0.1", with: "localhost")
                    let trusting = ["--cacert", harness.service.certificateFile]
                    expect(try await curl(trusting + harness.headers + [named]), is: 200)
                    return try Data(contentsOf: URL(filePath: harness.service.certificateFile))
                }
            }
            let first = try await certificate()
            #expect(try await certificate() == first)
            let key = folder.appending(path: "data/certificate.key").path
            let mode = try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func `a certificate that was given is shown, and what can't be one is refused with its path`() async throws {
        try await withTemporaryFolder { folder in
            let (certificate, key) = (folder.appending(path: "c.pem"), folder.appending(path: "k.pem"))
            for name in ["c.pem", "other.pem"] {
                let made = try await run(
                    "openssl",
                    [
                        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test", "-addext",
                        "subjectAltName=IP:127.0.0.1", "-keyout", key.path, "-out", folder.appending(path: name).path,
                    ])
                try made.expectSuccess()
            }
            let other = folder.appending(path: "other.pem")
            try await Harness.run(in: folder) {
                $0.tls = .files(certificate: other.path, key: key.path)
            } _: { harness in
                expect(try await curl(["--cacert", other.path] + harness.headers + [harness.clips]), is: 200)
            }
            for (file, reason) in [(certificate, "not that of"), (key, "not one in PEM"), (folder, "can't read")] {
                var configuration = LocalService.Configuration(dataFolder: folder.appending(path: "data").path)
                configuration.tls = .files(certificate: file.path, key: key.path)
                let service = try LocalService(configuration)
                let error = #expect(throws: LocalServiceError.self) { try service.start() }
                let message = error.map(\.description) ?? ""
                #expect(message.contains(file.path) && message.contains(reason), "\(message)")
            }
        }
    }
}
