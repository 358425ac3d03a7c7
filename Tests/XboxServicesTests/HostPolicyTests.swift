import Testing
import Transport

@testable import XboxServices

@Suite struct HostPolicyTests {
    private func refusal(
        of url: String, metadata: String = "https://meta.example", allow: [String] = [], from: String? = nil
    ) throws -> HostRefusal.Reason? {
        let endpoints = ServiceEndpoints(metadata: try HTTPURL(parsing: metadata))
        let policy = try HostPolicy(endpoints, allowHosts: allow)
        return policy.refusal(
            of: try HTTPURL(parsing: url), from: try HTTPURL(parsing: from ?? metadata).origin)?.reason
    }

    @Test(arguments: [
        ("https://meta.example/x", nil), ("https://META.example:443/x", nil),
        ("https://meta.example:444/x", HostRefusal.Reason.unknownHost),
        ("https://evil.example/", .unknownHost),
        ("https://meta.example.evil.example/", .unknownHost), ("https://sub.meta.example/", .unknownHost),
        ("http://meta.example/", .unknownHost), ("http://meta.example:443/", .plainHTTP),
    ])
    func `a configured host counts with its port and scheme`(url: String, reason: HostRefusal.Reason?) throws {
        #expect(try refusal(of: url) == reason)
    }

    @Test(arguments: [
        ("https://files.example/x", nil), ("https://files.example:8443/x", HostRefusal.Reason.unknownHost),
        ("https://other.example:9443/x", nil), ("https://other.example/x", .unknownHost),
        ("http://files.example/x", .plainHTTP), ("http://other.example:9443/", .plainHTTP),
    ])
    func `an allowed host counts with its port, the usual one if none is given`(
        url: String, reason: HostRefusal.Reason?
    ) throws {
        #expect(try refusal(of: url, allow: ["files.example", "other.example:9443"]) == reason)
    }

    @Test func `plain http stays on this machine and never follows https`() throws {
        let local = "http://127.0.0.1:8080"
        #expect(try refusal(of: "http://127.0.0.1:8080/u", metadata: local) == nil)
        #expect(try refusal(of: "http://127.0.0.1:8081/u", metadata: local) == .unknownHost)
        #expect(try refusal(of: "http://localhost:8080/u", metadata: local) == .unknownHost)
        #expect(try refusal(of: "http://127.0.0.1:9000/u", metadata: local, allow: ["127.0.0.1:9000"]) == nil)
        #expect(try refusal(of: "http://127.0.0.1:9000/u", allow: ["127.0.0.1:9000"]) == .plainHTTP)
        #expect(try refusal(of: "https://127.0.0.1:9000/u", allow: ["127.0.0.1:9000"]) == nil)
    }

    @Test func `an allowed host must be one`() {
        #expect(throws: HTTPURLError.self) { try refusal(of: "https://meta.example", allow: ["a b"]) }
        #expect(throws: HTTPURLError.self) { try refusal(of: "https://meta.example", allow: [""]) }
    }

    @Test func `a refusal says that nothing was sent`() throws {
        let policy = try HostPolicy(ServiceEndpoints(metadata: HTTPURL(parsing: "https://meta.example")))
        let url = try HTTPURL(parsing: "https://evil.example/x?secret=1")
        let text = policy.refusal(of: url, from: url.origin)?.description
        #expect(
            text == "https://evil.example is neither a configured nor an allowed host; nothing was sent to it"
        )
    }
}
