import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite struct StatisticsTableTests {
    private func mistakes(_ text: String) -> [String] {
        do {
            _ = try StatisticsTable(parsing: Array(text.utf8), name: "stats.yaml")
            return []
        } catch {
            return error.diagnostics.map(\.description)
        }
    }

    @Test func `a plain value has the type that it looks like, and a quoted one is text`() throws {
        let text = """
            {"users": [{"xuid": 1, "scids": {"\(Harness.scid.uppercased())": {"a": 1, "b": 1.5, "c": "1", "d": {"type": "Double", "value": 2}}}}]}
            """
        let table = try StatisticsTable(parsing: Array(text.utf8), name: "stats.json")
        #expect(
            table.users == [
                .init(
                    xuid: 1,
                    scids: [
                        .init(
                            scid: Harness.scid,
                            statistics: [
                                .init("a", .integer(1)), .init("b", .double(1.5)), .init("c", .string("1")),
                                .init("d", .double(2)),
                            ])
                    ])
            ])
        #expect(try StatisticsTable(parsing: [], name: "empty").users.isEmpty)
    }

    @Test func `every mistake is named with its place, all at once`() {
        let text = """
            xuids: word
            unknown: 1
            users:
              - gamertag: A
              - {xuid: 7, scids: {nonsense: {}}}
              - xuid: 7
              - xuid: 8
                scids:
                  \(Harness.scid):
                    Wins: [1]
                    When: {type: DateTime, value: yesterday}
                    Rank: {type: Rank, value: 1}
            restricted: [a]
            """
        #expect(
            mistakes(text) == [
                "stats.yaml:1:8: \"xuids\": expected string or number, found \"word\"",
                "stats.yaml:2:1: unknown key \"unknown\"; did you mean \"unknownUsers\"?",
                "stats.yaml:4:5: \"xuid\" is missing; expected a whole number from 1, as in 2533274790412952",
                "stats.yaml:5:23: expected a service configuration (a GUID), found \"nonsense\"",
                "stats.yaml:6:5: xuid 7 is there twice",
                "stats.yaml:10:15: \"Wins\": expected a value or {type: ..., value: ...}, found a list",
                "stats.yaml:11:39: \"value\": expected a time such as 2025-11-08T20:15:00Z, found \"yesterday\"",
                "stats.yaml:12:22: \"type\": expected Integer, Double, String or DateTime, found \"Rank\"",
                "stats.yaml:13:13: \"restricted\": expected a mapping (name: value), found a list",
            ])
    }
}
