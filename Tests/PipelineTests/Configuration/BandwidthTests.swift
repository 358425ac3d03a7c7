import ConfigFiles
import Foundation
import TestSupport
import Testing

@testable import Pipeline

/// The `bandwidth` of a pipeline file.
@Suite struct BandwidthTests {
    private func submitOptions(_ text: String) async throws -> SubmitOptions {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "p.yaml").path
            let head = "session: {scid: 00000000-0000-0012-0023-000000000070}\nclips: [a.mp4]\noutput: out\n"
            try Data((head + "submit:\n" + text).utf8).write(to: URL(filePath: path))
            return try PipelineFile(reading: path).submit
        }
    }

    @Test func `one amount counts at all times`() async throws {
        let bandwidth = try #require(try await submitOptions("  bandwidth: 20MB/s\n  connections: 4").bandwidth)
        for (day, minute) in [(0, 0), (3, 720), (6, 1439)] {
            #expect(bandwidth.limit(day: day, minute: minute) == 20_000_000)
        }
        #expect(try await submitOptions("  bandwidth: none").bandwidth?.limit(day: 0, minute: 0) == nil)
        #expect(try await submitOptions("  connections: 4").connections == 4)
        #expect(try await submitOptions("  connections: 4").bandwidth == nil)
    }

    @Test(arguments: [
        ("50kB/s", 1), ("400kB/s", 2), ("2MB/s", 10), ("20MB/s", 16), ("none", 16),
        ("[{days: [Sun], limit: 400kB/s}, {limit: 400kB/s}]", 16), ("[{from: \"08:00\", limit: 400kB/s}]", 16),
    ])
    func `no more blocks go up than can be whole when a run is told to stop`(bandwidth: String, count: Int) async throws
    {
        #expect(try await submitOptions("  bandwidth: \(bandwidth)").blocksUnderWay == count)
        #expect(try await submitOptions("  bandwidth: \(bandwidth)\n  connections: 1").blocksUnderWay == 1)
    }

    @Test(arguments: [("4.1MB/s", 4_100_000), ("8.2MB/s", 8_200_000), ("1.001MB/s", 1_001_000)])
    func `an amount counts as it is written`(text: String, limit: Int64) async throws {
        #expect(try await submitOptions("  bandwidth: \(text)").bandwidth?.limit(day: 0, minute: 0) == limit)
    }

    @Test func `the first time of a timetable that fits counts`() async throws {
        let bandwidth = try #require(
            try await submitOptions(
                """
                  bandwidth:
                    - {days: [Sat, Sun], limit: none}
                    - {from: "08:30", to: "18:00", limit: 500kB/s}
                    - {days: Fri, from: "22:00", to: "02:00", limit: 3MB/s}
                    - {from: "22:00", to: 06:00, limit: 50MB/s}
                """
            ).bandwidth)
        let cases: [(day: Int, time: (Int, Int), limit: Int64?)] = [
            (6, (12, 0), nil), (0, (9, 0), nil), (1, (8, 29), nil), (1, (8, 30), 500_000), (1, (17, 59), 500_000),
            (1, (18, 0), nil), (1, (22, 0), 50_000_000), (2, (5, 59), 50_000_000), (2, (6, 0), nil),
            (5, (23, 0), 3_000_000), (5, (1, 0), 50_000_000),
            // The Saturday's own rule comes first.
            (6, (1, 0), nil),
        ]
        for (day, time, limit) in cases {
            #expect(bandwidth.limit(day: day, minute: time.0 * 60 + time.1) == limit, "\(day) \(time)")
        }
    }

    @Test func `a night belongs to the day on which it began`() {
        let night = Bandwidth(rules: [.init(days: [5], from: 22 * 60, to: 2 * 60, limit: 1)])
        #expect(night.limit(day: 6, minute: 60) == 1)
        #expect(night.limit(day: 5, minute: 60) == nil)
        #expect(night.limit(day: 6, minute: 23 * 60) == nil)
        let sunday = Bandwidth(rules: [.init(days: [6], from: 23 * 60, to: 60, limit: 1)])
        #expect(sunday.limit(day: 0, minute: 30) == 1)
    }

    @Test(arguments: [
        ("  bandwidth: 20MB", "5:14: \"bandwidth\": expected bytes a second from 50kB/s on, such as 20MB/s, or none"),
        ("  bandwidth: 1kB/s", "expected bytes a second from 50kB/s on"),
        ("  bandwidth: {limit: 1MB/s}", "or a list of {days, from, to, limit}, found a mapping"),
        ("  bandwidth: [{from: 25:00, limit: none}]", "\"from\": expected a time of the day such as \"08:30\""),
        ("  bandwidth: [{from: \"08:00\"}]", "\"limit\" is missing; expected bytes a second"),
        ("  bandwidth: [{days: Funday, limit: none}]", "\"days\": expected one of Sun, Mon, Tue, Wed, Thu, Fri, Sat"),
        ("  connections: 0", "\"connections\": expected a whole number from 1 to 256"),
    ])
    func `a mistake is shown with its place`(text: String, message: String) async throws {
        do {
            _ = try await submitOptions(text)
            Issue.record("no mistake was found")
        } catch let error as ConfigurationError {
            #expect(error.diagnostics.count == 1 && error.description.contains(message), "\(error)")
        }
    }
}
