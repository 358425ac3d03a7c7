import ClipModel
import Foundation
import MediaKit
import MediaWorker
import SystemIO
import TestSupport
import Testing

/// What a pool does with ordinary files.
@Suite struct MediaWorkerPoolTests {
    @Test(arguments: sampleNames)
    func `a worker gives the same answer as the engine in this process`(name: String) async throws {
        let file = try sample(name)
        for threads in [1, 2] {
            let request = MediaRequest(
                thumbnails: ThumbnailRequest(offsetMilliseconds: 1_234), decoderThreads: threads)
            let expected = try await BlockingPool("reference", width: 1).run { () throws(MediaError) in
                try MediaEngine().examine(descriptor: file.descriptor, request: request)
            }
            let answer = try await withPool { try await $0.examine(file, request) }
            #expect(answer == expected)
        }
    }

    @Test func `facts alone come without pictures`() async throws {
        let answer = try await withPool { try await $0.examine(try sample("boss-fight"), MediaRequest()) }
        #expect(answer.thumbnails == nil)
        #expect(answer.facts.video.width == 1920)
    }

    @Test(.enabled(if: Places.sharedMedia != nil, Comment(rawValue: Places.sharedMediaIsAbsent)))
    func `every recording of the shared media ends as in this process`() async throws {
        let folder = try #require(Places.sharedMedia)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".mp4") }
        let request = MediaRequest(thumbnails: ThumbnailRequest(offsetMilliseconds: 700), deadlineSeconds: 300)
        try await withPool(width: 2) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in names {
                    group.addTask {
                        let file = try OpenFile(folder.appending(path: name).path)
                        let expected = await BlockingPool("reference", width: 1).result { () throws(MediaError) in
                            try MediaEngine().examine(descriptor: file.descriptor, request: request)
                        }
                        do throws(MediaError) {
                            let answer = try await pool.examine(file, request)
                            #expect(try expected.get() == answer, "\(name)")
                        } catch {
                            #expect(throws: error, "\(name): \(error)") { try expected.get() }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(pool.startedWorkers <= 4, "two, and two that can show HDR in their place")
        }
    }

    @Test func `fifty clips take two workers and no more`() async throws {
        let file = try sample("instant-replay")
        let request = MediaRequest(thumbnails: ThumbnailRequest(offsetMilliseconds: 100))
        try await withPool(width: 2) { pool in
            let answers = try await withThrowingTaskGroup(of: MediaAnswer.self) { group in
                for _ in 0..<50 { group.addTask { try await pool.examine(file, request) } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(answers.count == 1)
            #expect(pool.startedWorkers == 2)
        }
    }

    @Test func `a worker is replaced by one that can show HDR when there is some, and that one does all from then on`()
        async throws
    {
        let request = MediaRequest(thumbnails: ThumbnailRequest(offsetMilliseconds: 100))
        try await withPool { pool in
            for (name, workers) in [("instant-replay", 1), ("sunset-hdr10", 2), ("instant-replay", 2)] {
                let file = try sample(name)
                let expected = try await BlockingPool("reference", width: 1).run { () throws(MediaError) in
                    try MediaEngine().examine(descriptor: file.descriptor, request: request)
                }
                let answer = try await pool.examine(file, request)
                #expect(answer == expected, "\(name)")
                #expect(pool.startedWorkers == workers, "\(name)")
                #expect(pool.workerIDs.count == 1)
            }
            _ = try await pool.examine(try sample("sunset-hdr10"), MediaRequest())
        }
        // The facts alone need no more than any file's.
        try await withPool { pool in
            _ = try await pool.examine(try sample("sunset-hdr10"), MediaRequest())
            #expect(pool.startedWorkers == 1)
        }
    }

    @Test func `no worker is started before there is a file, and none is left after closing`() async throws {
        let ids = try await withPool { pool in
            #expect(pool.startedWorkers == 0)
            _ = try await pool.examine(try sample("instant-replay"), MediaRequest())
            return pool.workerIDs
        }
        #expect(ids.count == 1)
        for id in ids { #expect(kill(id, 0) == -1 && errno == ESRCH) }
    }

    @Test func `a closed pool and a program that is no worker are no fault of the file`() async throws {
        let file = try sample("instant-replay")
        let closed = MediaWorkerPool(width: 1, forkServer: ForkServer()) { _ in }
        await closed.close()
        #expect(await refusal(of: file, by: closed)?.kind == .workerUnavailable)
        for (program, reason) in [("/nonexistent", "No such file"), ("/bin/true", "exit code 0")] {
            let pool = MediaWorkerPool(width: 1, forkServer: ForkServer(program: program)) { _ in }
            let error = await refusal(of: file, by: pool)
            #expect(error?.kind == .workerUnavailable)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        }
    }

    // The address sanitizer keeps freed memory for a while.
    @Test(.enabled(if: Sanitizer.isOff, "a sanitizer keeps memory of its own"))
    func `a hundred and fifty files leave a worker as large as fifty do`() async throws {
        let file = try sample("instant-replay")
        try await withPool { pool in
            var sizes: [Int] = []
            for round in 1...150 {
                let pictures = round.isMultiple(of: 5) ? ThumbnailRequest(offsetMilliseconds: 0) : nil
                let request = MediaRequest(thumbnails: pictures)
                _ = try await pool.examine(file, request)
                if round == 50 || round == 150, let id = pool.workerIDs.first { sizes.append(try memory(of: id)) }
            }
            #expect(pool.startedWorkers == 1)
            #expect(sizes.count == 2 && sizes[1] - sizes[0] < 4_000, "kB: \(sizes)")
        }
    }

    @Test func `eighty files leave the program no more descriptors than a few do`() async throws {
        try await withTemporaryFolder { folder in
            let source = Places.samples.appending(path: "instant-replay.mp4").path
            let files = (0..<80).map { folder.appending(path: "\($0).mp4").path }
            for file in files { try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: source) }
            try await withProgram(Places.clipship, ["probe", "--jobs", "2", "--format", "json"] + files) { program in
                var counts: [Int] = []
                while program.printed.status == nil {
                    let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(program.id)/fd")
                    if let open { counts.append(open.count) }
                    try await Task.sleep(for: .milliseconds(5))
                }
                let result = try await program.end()
                #expect(result.status == 0)
                #expect(String(decoding: result.output, as: UTF8.self).split(separator: "\n").count == 80)
                #expect(try #require(counts.max()) < 40)
            }
        }
    }

    /// Resident memory in kB.
    private func memory(of id: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(Int(line.filter(\.isNumber)))
    }
}
