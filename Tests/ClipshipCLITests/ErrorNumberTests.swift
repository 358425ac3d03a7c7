import Foundation
import SystemIO
import TestSupport
import Testing

/// One table says which error of the system may pass by itself (`Errno.isTemporary`), and every command goes by it: 75 where
/// it may, 1 or 2 where somebody has to mend something, and in each case a sentence with the file and the reason.
@Suite(.fewAtOnce, .timeLimit(.minutes(20)), .enabled(if: Sanitizer.isOff, "a sanitizer wants to be loaded first"))
struct ErrorNumberTests {
    private static let isLong = ProcessInfo.processInfo.environment["CLIPSHIP_SWEEP"] == "long"

    /// What a file or a folder may answer.
    private static let numbers = [
        EACCES, EAGAIN, EBUSY, EDQUOT, EFBIG, EHOSTDOWN, EIO, ELOOP, EMFILE, ENAMETOOLONG, ENFILE, ENOBUFS, ENODEV,
        ENOLCK,
        ENOMEM, ENOSPC, ENXIO, EOVERFLOW, EPERM, EROFS, ESTALE, ETIMEDOUT, ETXTBSY,
    ]

    /// A command, and which of its calls fails.
    private struct Row: Sendable {
        var words: [String]
        var call = "open"
        /// The file, or the folder below which the call is.
        var path: String
        /// What the sentence calls it; its last part, if nil.
        var name: String?
        /// A warning is enough: all that was asked for is done without it.
        var isOptional = false
    }

    private static let clip = "clips/instant-replay.mp4"
    private static let manifest = "out/manifests/instant-replay.json"
    private static let run = ["run", "pipeline.yaml", "--no-submit", "--output", "out2"]

    private static let rows: [Row] = [
        Row(words: ["probe", clip], path: clip),
        Row(words: ["thumbnail", clip, "--large", "pictures/large.jpg"], path: clip),
        Row(words: ["thumbnail", clip, "--large", "pictures/large.jpg"], call: "write", path: "pictures"),
        Row(words: ["thumbnail", clip, "--large", "pictures/large.jpg"], call: "rename", path: "pictures"),
        Row(words: ["sheet", clip, "--output", "pictures/sheet.jpg"], path: clip),
        Row(words: ["sheet", clip, "--output", "pictures/sheet.jpg"], call: "write", path: "pictures"),
        Row(words: ["manifest", clip, "--session", "session.yaml", "--output", "out2"], path: clip),
        Row(
            words: ["manifest", "clips", "--session", "session.yaml", "--output", "out2"], call: "opendir",
            path: "clips"),
        Row(
            words: ["manifest", "clips", "--session", "session.yaml", "--output", "out2"], call: "readdir",
            path: "clips"),
        Row(words: ["manifest", clip, "--session", "session.yaml", "--output", "out2"], call: "stat", path: clip),
        Row(words: ["manifest", clip, "--session", "session.yaml", "--output", "out2"], path: "session.yaml"),
        Row(words: ["manifest", clip, "--session", "session.yaml", "--output", "out2"], call: "mkdir", path: "out2"),
        Row(words: ["verify", manifest], path: manifest),
        Row(words: ["verify", manifest], path: clip),
        Row(words: ["verify", manifest], call: "pread", path: clip),
        Row(words: ["verify", manifest], path: "out/thumbnails/instant-replay.small.jpg", name: "small"),
        Row(words: ["submit", manifest], path: manifest),
        Row(words: ["submit", manifest], call: "flock", path: "out/journal.lock"),
        Row(words: ["submit", manifest], path: "out/journal.db"),
        Row(words: run, path: "pipeline.yaml"),
        Row(words: run, path: "session.yaml"),
        Row(words: run, path: "clips/instant-replay.yaml"),
        Row(words: run, call: "stat", path: "session.yaml"),
        Row(words: run, call: "opendir", path: "clips"),
        Row(words: run, call: "readdir", path: "clips"),
        Row(words: run, path: clip),
        Row(words: run, call: "pread", path: clip),
        Row(words: run, call: "mkdir", path: "out2"),
        Row(words: run, call: "flock", path: "out2/journal.lock"),
        Row(words: run, call: "write", path: "out2/thumbnails", name: "instant-replay"),
        Row(words: run, call: "fsync", path: "out2/manifests", name: "instant-replay"),
        Row(words: run, call: "rename", path: "out2/batch.json"),
        Row(words: run, call: "rename", path: "out2/report.html", isOptional: true),
        Row(words: ["run", "pipeline.yaml", "--dry-run"], path: "pipeline.yaml"),
        Row(words: ["check", "pipeline.yaml"], path: "pipeline.yaml"),
        Row(words: ["check", "pipeline.yaml"], call: "readdir", path: "clips"),
        Row(words: ["watch", "pipeline.yaml", "--once"], path: "pipeline.yaml"),
        Row(words: ["status", "out"], path: "out/journal.db"),
        Row(words: ["status", "out"], call: "stat", path: "out/journal.db"),
        Row(words: ["report", "out"], call: "stat", path: "out/batch.json"),
        Row(words: ["report", "out"], path: "out/batch.json"),
        Row(words: ["report", "out"], call: "rename", path: "out/report.html"),
        Row(words: ["report", "out"], call: "write", path: "out", name: "report.html"),
        Row(words: ["plan", "pipeline.yaml", "--shards", "2", "--output", "out3"], path: "pipeline.yaml"),
        Row(words: ["plan", "pipeline.yaml", "--shards", "2", "--output", "out3"], call: "readdir", path: "clips"),
        Row(
            words: ["plan", "pipeline.yaml", "--shards", "2", "--output", "out3"], call: "write", path: "out3",
            name: "plan"),
        Row(words: ["run", "--plan", "planned/plan.json", "--shard", "1"], path: "planned/plan.json"),
        Row(words: ["merge", "planned"], path: "planned/plan.json"),
        Row(
            words: [
                "submit", manifest, "--service", "https://localhost:9", "--token-env", "NONE", "--ca", "tokens.json",
            ], call: "stat", path: "tokens.json"),
        Row(words: ["serve", "--data", "data", "--tokens", "tokens.json"], path: "tokens.json"),
        Row(words: ["serve", "--data", "data"], call: "flock", path: "data"),
        Row(
            words: ["clip", "update", "x", "--scid", Workbench.scid, "--title-data-file", "title.json"],
            path: "title.json"),
        Row(
            words: [
                "stats", "--user", "1", "--scid", Workbench.scid, "--stat", "a", "--local-statistics", "stats.yaml",
                "--output", "out",
            ], path: "stats.yaml"),
        Row(words: ["probe", "--files-from", "list"], path: "list"),
        Row(words: ["manual", "man"], call: "write", path: "man", name: "clipship"),
    ]

    @Test func `every command goes by the one table of errors that may pass, and names the file and the reason`()
        async throws
    {
        try await Workbench.with(["instant-replay"]) { bench in
            let folder = bench.folder.resolvingSymlinksInPath()
            for name in ["title.json", "tokens.json", "stats.yaml"] {
                try Data("{}".utf8).write(to: folder.appending(path: name))
            }
            try Data("\(Self.clip)\n".utf8).write(to: folder.appending(path: "list"))
            for name in ["pictures", "man", "data"] {
                try FileManager.default.createDirectory(
                    at: folder.appending(path: name), withIntermediateDirectories: true)
            }
            try bench.writePipeline()
            try Data("userCaption: caption\n".utf8).write(to: folder.appending(path: "clips/instant-replay.yaml"))
            expect(try await bench.run(), exits: 0)
            let plan = ["plan", "pipeline.yaml", "--shards", "1", "--output", "planned"]
            expect(try await clipship(plan, in: folder), exits: 0)
            let library = try await compileLibrary("fail-call", in: folder)
            for (index, row) in Self.rows.enumerated() {
                // In the short form another pair for each row.
                let temporary = Self.numbers.filter { Errno($0).isTemporary }
                let permanent = Self.numbers.filter { !Errno($0).isTemporary }
                // Another process has the lock: that is what it says.
                let all = Self.numbers.filter { row.call != "flock" || $0 != EWOULDBLOCK }
                let numbers =
                    Self.isLong
                    ? all : [temporary[index % temporary.count], permanent[index % permanent.count]]
                // Without a lock the service serves, and does not end: SharedDiskTests has that.
                for number in numbers where !(row.words[0] == "serve" && Self.isNoFailure(row, number)) {
                    try await fail(row, number, library, folder)
                }
            }
        }
    }

    @Test func `a journal that could not be opened for writing once is opened again, not given up for a while`()
        async throws
    {
        try await Workbench.with(["instant-replay"]) { bench in
            let folder = bench.folder.resolvingSymlinksInPath()
            try bench.writePipeline()
            expect(try await bench.run(), exits: 0)
            let library = try await compileLibrary("fail-call", in: folder)
            for number in [EACCES, EROFS, EIO] {
                for call in 1...6 {
                    // The one before has made it.
                    try? FileManager.default.removeItem(at: folder.appending(path: "out2"))
                    let result = try await clipship(
                        Self.run, in: folder,
                        environment: [
                            "LD_PRELOAD": library, "FAIL_CALL": "\(call)", "FAIL_NAME": "open",
                            "FAIL_ERRNO": "\(number)", "FAIL_BELOW": folder.appending(path: "out2/journal.db").path,
                        ])
                    #expect(result.status != 75, "\(call), \(number)\n\(result.outputText)\(result.errorText)")
                }
            }
        }
    }

    /// On a disk without locks a file says who is there instead.
    private static func isNoFailure(_ row: Row, _ number: Int32) -> Bool { row.call == "flock" && number == ENOLCK }

    private func fail(_ row: Row, _ number: Int32, _ library: String, _ folder: URL) async throws {
        for name in ["out2", "out3", "pictures/large.jpg", "pictures/sheet.jpg"] {
            // The one before has made some of them.
            try? FileManager.default.removeItem(at: folder.appending(path: name))
        }
        let result = try await clipship(
            row.words, in: folder,
            environment: [
                "LD_PRELOAD": library, "FAIL_CALL": "1", "FAIL_ON": "1", "FAIL_NAME": row.call,
                "FAIL_ERRNO": "\(number)", "FAIL_BELOW": folder.appending(path: row.path).path,
            ])
        let error = FileError(operation: "", path: "", code: number)
        let place = "\(row.words.joined(separator: " ")): \(row.call) \(row.path): \(error.reason)"
        let isNoFailure = Self.isNoFailure(row, number)
        let codes: Set<Int32> = row.isOptional || isNoFailure ? [0] : error.isTemporary ? [75] : [1, 2]
        let said = result.outputText + result.errorText
        #expect(codes.contains(result.status), "\(place)\nexit code \(result.status)\n\(said)")
        let name = row.name ?? String(row.path.split(separator: "/").last ?? "")
        #expect(isNoFailure || said.contains(name) && said.contains(error.reason), "\(place)\n\(said)")
        // What can't be read is not damaged, and what can't be locked is not in use.
        for word in ["damaged", "at work in", "is in use", "move it away", "Restore", "not valid"] {
            #expect(!said.contains(word), "\(place)\n\(said)")
        }
    }
}
