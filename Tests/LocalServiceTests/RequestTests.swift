import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct RequestTests {
    @Test func `versions 1 and vnext are served, others are 406`() async throws {
        try await Harness.run { harness in
            for (version, status) in [("1", 200), ("vnext", 200), ("2", 406), ("", 406)] {
                let header =
                    version.isEmpty ? "X-RequestedServiceVersion;" : "X-RequestedServiceVersion: \(version)"
                let answer = try await curl(
                    [
                        "-H", "Authorization: Xauth=\(harness.service.developerToken)", "-H", header,
                        harness.clips,
                    ])
                #expect(answer.status == status, "\(version)")
            }
        }
    }

    @Test(arguments: [
        "/", "/users", "/users/me", "/users/you/clips", "/users/xuid()/clips", "/users/xuid(1/clips",
        "/users/me/scids/x/clips/y/z", "/upload/xuid(1)/../../etc/passwd/container",
        "/upload/xuid(1)/abc/container",
        "/upload/xuid(1)/%2e%2e/container", "/upload/xuid(1)/..%2f..%2fservice.db/container", "/service.db",
        "/users/me/clips/", "//users/me/clips",
    ])
    func `a path that names nothing is 404 or 400, and never a file`(path: String) async throws {
        try await Harness.run { harness in
            for method in ["GET", "PUT"] {
                let answer = try await curl(
                    harness.headers + ["-g", "--path-as-is", "-X", method, harness.address.baseURL + path])
                #expect([400, 404].contains(answer.status), "\(method) \(path): \(answer.status)")
            }
        }
    }

    @Test func `a method that a path does not take is 405 with those that it takes`() async throws {
        try await Harness.run { harness in
            let clip = try await harness.begin(Samples.request(fileSize: 10))
            let base = harness.address.baseURL
            for (method, url, allowed) in [
                ("POST", "\(base)/users/me/clips", "GET, HEAD"), ("PUT", harness.clips, "GET, HEAD, POST"),
                ("PUT", harness.url(ofClip: clip.id), "GET, HEAD, POST, DELETE"),
                ("GET", clip.uploadUri, "PUT"),
                ("POST", clip.uploadUri, "PUT"), ("BREW", harness.clips, "GET, HEAD, POST"),
            ] {
                let answer = try await curl(harness.headers + ["-X", method, url])
                #expect(answer.status == 405, "\(method) \(url)")
                #expect(answer.headers["allow"] == allowed)
            }
        }
    }

    @Test func `a request that isn't one gets 400, and the service goes on`() async throws {
        try await Harness.run { harness in
            for text in [
                "GET\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                "GET /%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                "GET /%ff%fe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                "PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "GET /a HTTP/1.1\r\n\r\n",
            ] {
                let answer = try await RawConnection.exchange(text, port: harness.address.port)
                #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400"), "\(text): \(answer.prefix(40))")
            }
            expect(try await harness.get(harness.clips), is: 200)
        }
    }

    @Test func `a connection on which nothing moves is closed after the idle time-out`() async throws {
        try await Harness.run({ $0.idleTimeout = 1 }) { harness in
            let half = "PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc"
            for text in ["", "GET /", "\0\0\0\0\r\n\r\n", half] {
                #expect(try await RawConnection.exchange(text, port: harness.address.port) == "")
            }
            expect(try await harness.get(harness.clips), is: 200)
        }
    }

    @Test func `URIs lead to the host that the caller asked, and nothing in a Host header gets further`()
        async throws
    {
        try await Harness.run { harness in
            let body = try JSONSerialization.data(withJSONObject: Samples.request(fileSize: 10))
            for (host, expected) in [
                ("localhost:81", "http://localhost:81/"), ("[::1]:81", "http://[::1]:81/"),
                ("a\"b<c", "http://127.0.0.1/"), ("a/b", "http://127.0.0.1/"),
            ] {
                let answer = try await curl(
                    harness.headers + ["-H", "Host: \(host)", "-H", "Content-Type: application/json"]
                        + ["--data-binary", "@-", harness.clips], input: body)
                let uri = try answer.json["uploadUri"] as? String ?? answer.text
                #expect(uri.hasPrefix(expected), "\(host): \(uri)")
            }
        }
    }

    @Test func `every request is reported, with its status and bytes, and without a secret`() async throws {
        try await Harness.run { harness in
            let data = Samples.bytes(10)
            let clip = try await harness.begin(Samples.request(fileSize: 10, blocks: 1))
            expect(try await harness.put(data, block: 0, of: clip), is: 201)
            // The end of a request is reported just after its answer has gone out.
            let report = try await eventually { () -> RequestReport? in
                harness.events.list.withLock { events in
                    events.compactMap { if case .request(let report) = $0 { report } else { nil } }
                        .dropFirst().first
                }
            }
            #expect(report.method == "PUT" && report.status == 201 && report.bytesReceived == 10)
            #expect(report.path.hasPrefix("/upload/") && report.path.hasSuffix("/container"))
            #expect(report.blockNumber == "0" && report.isComplete && report.bytesSent == 0)
            let all = harness.events.list.withLock { "\($0)" }
            #expect(!all.contains(harness.service.developerToken))
        }
    }

    @Test func `two services can't use one data folder, and the port is named when it is taken`() async throws {
        try await withTemporaryFolder { folder in
            try await Harness.run(in: folder) { harness in
                let same = LocalService.Configuration(dataFolder: folder.appending(path: "data").path)
                let error = #expect(throws: LocalServiceError.self) { try LocalService(same) }
                #expect("\(error.map(\.description) ?? "")".contains("data"))
                var other = LocalService.Configuration(dataFolder: folder.appending(path: "other").path)
                other.port = harness.address.port
                let second = try LocalService(other)
                let taken = #expect(throws: LocalServiceError.self) { try second.start() }
                #expect("\(taken.map(\.description) ?? "")".contains("\(harness.address.port)"))
                other.host = "not a host"
                other.dataFolder += "2"
                let third = try LocalService(other)
                #expect(throws: LocalServiceError.self) { try third.start() }
            }
        }
    }

    @Test func `a service that is stopped has its records closed, whoever holds it still`() async throws {
        try await Harness.run { harness in
            let log = harness.folder.appending(path: "data/service.db-wal").path
            #expect(FileManager.default.fileExists(atPath: log))
            await harness.service.stop()
            #expect(!FileManager.default.fileExists(atPath: log))
            // The next one can have them.
            try await Harness.run(in: harness.folder) { _ in }
        }
    }

    @Test func `stopping does not wait for connections without a request`() async throws {
        try await withTemporaryFolder { folder in
            let start = ContinuousClock.now
            try await Harness.run(in: folder, { $0.patience = .seconds(60) }) { harness in
                let idle = try RawConnection(port: harness.address.port)
                try idle.send("GET /users/me/clips HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try idle.receive().hasPrefix("HTTP/1.1 401"))
                withExtendedLifetime(try RawConnection(port: harness.address.port)) {}
                await harness.service.stop()
            }
            #expect(ContinuousClock.now - start < .seconds(30))
        }
    }
}
