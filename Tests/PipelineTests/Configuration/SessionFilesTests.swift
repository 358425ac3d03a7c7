import Testing

@testable import Pipeline

/// Names of many sessions.
@Suite struct SessionFilesTests {
    private func names(_ paths: String...) throws -> [String] {
        try SessionFile.named(paths.map { ($0, "/rec") }, root: "/").map(\.name)
    }

    @Test func `a session is called by its file, or by the folder of a file that is just called session`() throws {
        #expect(try names("/rec/raid/session.yaml", "/rec/finals.yaml") == ["finals", "raid"])
        #expect(try names("/rec/day 1/evening.2/session.json", "/rec/session.yaml") == ["day_1-evening.2", "session"])
    }

    @Test func `two never share a folder, and none has one of the output's own`() throws {
        let same = try SessionFile.named([("/x/raid/session.yaml", "/x"), ("/y/raid/session.yaml", "/y")], root: "/")
        #expect(Set(same.map(\.name)).count == 2 && same.allSatisfy { $0.name.hasPrefix("raid~") })
        #expect(try names("/rec/shards/session.yaml").first?.hasPrefix("shards~") == true)
    }

    @Test func `a clip's name says its session's folder`() {
        let output = OutputFolder("/out")
        #expect(output.manifest(of: "raid/boss") == "/out/raid/manifests/boss.json")
        #expect(output.manifest(of: "boss") == "/out/manifests/boss.json")
        #expect(OutputFolder.session(of: "raid/boss") == "raid" && OutputFolder.session(of: "boss") == nil)
    }
}
