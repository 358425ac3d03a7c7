import ClipModel
import ConfigFiles
import Foundation
import TestSupport
import Testing

@testable import Pipeline

@Suite struct PipelineFileTests {
    private static let session = "session: {scid: 00000000-0000-0012-0023-000000000070}\n"

    /// The mistakes of a pipeline file with this text, as `line:column: message`.
    private func mistakes(in text: String) async throws -> [String] {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "p.yaml").path
            try Data(text.utf8).write(to: URL(filePath: path))
            do throws(ConfigurationError) {
                _ = try PipelineFile(reading: path)
                return []
            } catch {
                return error.diagnostics.map { String($0.description.dropFirst(path.count + 1)) }
            }
        }
    }

    @Test func `the committed pipelines are right`() throws {
        for name in ["post-session", "manifests-only"] {
            let path = Places.root.appending(path: "pipelines/\(name).yaml").path
            let pipeline = try PipelineFile(reading: path)
            #expect(pipeline.name == name)
            #expect(pipeline.output.hasSuffix("/out/\(name)"))
            #expect(pipeline.thumbnails.offset == .milliseconds(20_000))
        }
    }

    @Test func `the committed pipelines with statistics and with manifests are right`() throws {
        let folder = Places.root.appending(path: "pipelines")
        let statistics = try PipelineFile(reading: folder.appending(path: "session-with-stats.yaml").path)
        #expect(statistics.statistics?.scids == [.init(scid: nil, names: ["Wins", "Kills", "Rank", "Accuracy"])])
        #expect(statistics.statistics?.whenMissing == .default("-") && statistics.statistics?.whenRestricted == .warn)
        #expect(statistics.compute?.titleID == 1_739_947_423 && statistics.compute?.timeout == .seconds(600))
        #expect(statistics.compute?.session == statistics.session.sessionRef)
        #expect(statistics.hooks.afterCompute?.isEmpty == false)
        let ready = try PipelineFile(reading: folder.appending(path: "submit-ready.yaml").path)
        #expect(ready.clips == [] && ready.manifests.first?.hasSuffix("/out/manifests-only/manifests/*.json") == true)
    }

    @Test func `every mistake is reported at once, with its place`() async throws {
        let found = try await mistakes(
            in: """
                name: x
                \(Self.session)clips: [a.mp4]
                thumbnials: {}
                thumbnails:
                  source: Offset
                  quality: high
                blocks: {size: 3MB}
                submit:
                  waitFor: ever
                output: out
                """)
        #expect(
            found == [
                #"4:1: unknown key "thumbnials"; did you mean "thumbnails"?"#,
                #"7:12: "quality": expected a whole number from 1 to 100, found "high""#,
                #"8:16: "size": expected an amount from 1000 bytes to 2MB (2,000,000 bytes), found "3MB""#,
                #"10:12: "waitFor": expected published, uploaded or nothing, found "ever""#,
            ])
    }

    @Test(arguments: [
        ("", "missing"),
        ("- a", "1:1: a pipeline file must be a mapping (name: value), found a list"),
        ("output: o\nclips: x\nsession: nowhere.yaml", "3:10: \"session\": there is no file"),
        (session + "clips: x\noutput: o\noutput: p", "4:1: \"output\" appears twice; first on line 3"),
        (session + "clips: x\noutput: o\nrequest: {type: [None]}", "4:18: \"type\": expected MetadataOnly"),
        (session + "clips: x\noutput: o\nrequest: {userCaption: '{clip.nmae}'}", "did you mean {clip.name}?"),
        (session + "clips: x\noutput: o\nservice: remote", "4:10: \"service\": expected local"),
        (session + "clips: x\noutput: o\nservice: {metadata: https://x}", "4:10: \"token\" is missing"),
        (session + "clips: x\noutput: o\nservice: {metadata: https://x, token: {env: A, file: b}}", "exactly one of"),
        (session + "clips: x\noutput: o\nthumbnails: {offset: 5}", "needs source: Offset or Upload"),
        (session + "clips: x\noutput: o\nthumbnails: {source: Offset, offset: -1}", "from 0 to 2147483647"),
        ("session: {scid: abc}\nclips: x\noutput: o", "1:17: \"scid\": expected a GUID"),
        ("session: {scid: 1, players: [{xuid: x}]}\nclips: x\noutput: o", "\"xuid\": expected an Xbox user id"),
        (session + "clips: x\noutput: [", "not valid YAML"),
        (session + "clips: x\noutput: o\nstatistics: {scids: {session: A}}", "and the session has none"),
        (session + "clips: x\noutput: o\nstatistics: {}", "4:13: \"scids\" is missing"),
        (session + "clips: x\noutput: o\nstatistics: {scids: {a: [b]}}", "4:22: \"scids\": expected session or a GUID"),
        (session + "clips: x\noutput: o\nstatistics: {scids: {session: [[]]}}", "expected the name of a statistic"),
        (
            session + "clips: x\noutput: o\nstatistics: {scids: {session: A}, users: all}",
            "\"users\": expected session, or"
        ),
        (
            session + "clips: x\noutput: o\nstatistics: {scids: {session: A}, whenMissing: skip}",
            "\"whenMissing\": expected warn, fail or {default: TEXT}, found \"skip\""
        ),
        (session + "clips: x\noutput: o\nrequest: {userCaption: '{stats[me].A}'}", "is not of the form {stats.NAME}"),
        (
            session + "clips: x\noutput: o\nrequest: {titleData: {wins: {stats.Wins}}}",
            "4:29: \"titleData\": a placeholder stands in quotes"
        ),
        (session + "clips: x\noutput: o\ncompute: {titleId: 7}", "4:10: \"compute\" needs session: /serviceconfigs/"),
        (session + "clips: x\noutput: o\ncompute: {session: raid}", "4:20: \"session\": expected /serviceconfigs/"),
        (
            session + "clips: x\noutput: o\ncompute: {session: /serviceconfigs/a/sessiontemplates/b/session/c}",
            "4:10: \"compute\" needs titleId: N"
        ),
        (session + "clips: x\noutput: o\ncompute: {ifQueued: never, titleId: 7}", "expected wait, abort or skip"),
        (
            session + "clips: x\noutput: o\ncompute: {timeout: 10, titleId: 7}",
            "\"timeout\": expected a duration such as"
        ),
        (session + "clips: x\noutput: o\nhooks: {afterComputer: x}", "did you mean \"afterCompute\"?"),
        (session + "clips: x\noutput: o\nservice: {local: {servers: -1}}", "\"servers\": expected a whole number"),
        ("manifests: m/*.json\nclips: x\noutput: o", "2:8: \"clips\" can't stand beside \"manifests\""),
        ("manifests: m/*.json\nsubmit: {waitFor: nothing}\noutput: o", "1:12: \"manifests\" are there to be submitted"),
    ])
    func `a mistake says what was expected`(text: String, expected: String) async throws {
        let found = try await mistakes(in: text)
        #expect(found.contains { $0.contains(expected) }, "\(found)")
    }

    @Test func `a server's session may be a plain GUID, its own or the session's`() async throws {
        let (own, shared) = ("de305d54-75b4-431b-adb2-eb6b9e546014", "00000000-0000-0012-0023-0000000000AB")
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "p.yaml")
            let session = "session: {scid: 00000000-0000-0012-0023-000000000070, titleId: 7, sessionRef: \(shared)}\n"
            for (section, expected) in [("{session: \(own)}", own), ("{}", shared)] {
                try Data((session + "clips: x\noutput: o\ncompute: \(section)").utf8).write(to: path)
                #expect(try PipelineFile(reading: path.path).compute?.session == expected)
            }
        }
    }

    @Test func `title data may be written as YAML and is sent as JSON`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "p.yaml")
            let text =
                Self.session + "clips: x\noutput: o\nrequest: {titleData: {boss: Warden, tries: [1, 2.5, true, ~]}}"
            try Data(text.utf8).write(to: path)
            let data = try PipelineFile(reading: path.path).request.titleData
            #expect(try data?.filled { _ in nil } == #"{"boss":"Warden","tries":[1,2.5,true,null]}"#)
        }
    }
}
