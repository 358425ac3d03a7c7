import Foundation
import TestSupport
import Testing

/// What `scripts/setup.sh` says of systems that lack something. It sees only the programs that a test gives it.
@Suite(.timeLimit(.minutes(5))) struct SetUpTests {
    private static let tools = ["bash", "cat", "dirname", "env", "head", "readlink", "sed", "sh", "sort"]

    /// Programs that stand for those of a system on which all is there, as shell scripts.
    private static let complete = [
        "swift": "echo 'Swift version 6.3 (swift-6.3-RELEASE)'", "ldd": ":", "pkg-config": ":", "sudo": "exit 1",
        "apt-get": "exit 1",
    ]

    /// The kind of a system's users that runs the script.
    private enum User { case itself, ordinary }

    /// Runs the script where some programs are others, and one is not there.
    private func setUp(
        _ programs: [String: String] = [:], without absent: String? = nil, as user: User = .itself
    ) async throws -> ProgramResult {
        try await withTemporaryFolder { folder in
            let place = folder.appending(path: "bin")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            for folder in [folder, place] {
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
            }
            for tool in Self.tools {
                let found = try await run("sh", ["-c", "command -v \(tool)"])
                try found.expectSuccess()
                try FileManager.default.createSymbolicLink(
                    atPath: place.appending(path: tool).path,
                    withDestinationPath: found.outputText.trimmingCharacters(in: .whitespacesAndNewlines))
            }
            for (name, script) in Self.complete.merging(programs, uniquingKeysWith: { $1 }) where name != absent {
                let file = place.appending(path: name).path
                // By another process: while one of this is being started, what is open here for writing can't be.
                let text = Data("#!/bin/sh\n\(script)\n".utf8)
                try await run("sh", ["-c", "cat > \"$0\" && chmod 755 \"$0\"", file], input: text).expectSuccess()
            }
            let script = try Data(contentsOf: Places.root.appending(path: "scripts/setup.sh"))
            let shell = ["env", "-i", "PATH=\(place.path)", "bash", "-s", "build"]
            let words = user == .ordinary && geteuid() == 0 ? ["setpriv", "--reuid=65534", "--clear-groups"] : []
            return try await run("/usr/bin/env", words + shell, input: script)
        }
    }

    /// Expects one failure with these words in it.
    private func expect(_ result: ProgramResult, says words: String...) {
        #expect(result.status == 1)
        for word in words { #expect(result.errorText.contains(word), "\(result.errorText)") }
    }

    @Test func `nothing is said where nothing is missing`() async throws {
        let result = try await setUp()
        #expect(result.status == 0)
        #expect(result.errorText == "" && result.outputText == "")
    }

    @Test func `Swift that is missing, too old or without its libraries is told of first`() async throws {
        expect(try await setUp(without: "swift"), says: "Swift is not installed", "https://www.swift.org/install/")
        expect(
            try await setUp(["swift": "echo 'Swift version 6.1.2 (swift-6.1.2-RELEASE)'"]),
            says: "found Swift 6.1.2 at ", "clipship needs 6.2 or newer")
        expect(
            try await setUp(["ldd": "echo '\tlibxml2.so.2 => not found'"]),
            says: "lacks libxml2.so.2 - install what it needs on this system")
        #expect(try await setUp(["swift": "echo 'Swift version 6.10 (swift-6.10-RELEASE)'"]).status == 0)
    }

    @Test func `a system without apt-get is told each library with its version`() async throws {
        expect(
            try await setUp(["pkg-config": "exit 1"], without: "apt-get"),
            says: "this system has no apt-get", "  - libavformat 59.27 or newer\n", "  - libcrypto 3.0 or newer\n")
    }

    @Test func `a library that is too old is told with the version that was found`() async throws {
        let old = """
            case $1 in
                --modversion) echo 1.0 ;;
                --exists) case $2 in *'>='*) exit 1 ;; esac; [ $# = 2 ] ;;
            esac
            """
        expect(
            try await setUp(["pkg-config": old], without: "apt-get"),
            says: "  - libturbojpeg 2.1 or newer (found 1.0)\n")
    }

    @Test func `an ordinary user whom sudo refuses is told what root has to type`() async throws {
        expect(
            try await setUp(["pkg-config": "exit 1"], as: .ordinary), says: "only root can install them",
            "  - zlib 1.2.11 or newer\n", "as root, run: apt-get install --no-install-recommends libavformat-dev ")
    }

    @Test func `what apt-get says is shown when it fails`() async throws {
        let result = try await setUp(
            [
                "pkg-config": "exit 1", "apt-get": "echo 'E: the mirror is away' >&2; exit 100",
                "sudo": "[ $1 = -v ] || exec \"$@\"",
            ],
            as: .ordinary)
        #expect(result.errorText.contains("E: the mirror is away"), "\(result.errorText)")
        #expect(result.status == 1)
    }
}
