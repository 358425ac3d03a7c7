import SystemIO
import Foundation
import Glibc
import TestSupport
import Testing

@testable import LocalService

/// A service in a process of its own, which can be killed.
private enum Child {
    /// Serves the data folder below `folder` until the process is killed, and writes where, and which
    /// process.
    static func serve(_ folder: String) throws -> Never {
        var configuration = LocalService.Configuration(dataFolder: folder + "/data")
        configuration.delays = .init(each: .milliseconds(20))
        let service = try LocalService(configuration, inspector: AnyClipIsVideo())
        let text = "\(getpid()) \(try service.start().port)"
        try Data(text.utf8).write(to: URL(filePath: folder + "/child"), options: .atomic)
        while true { pause() }
    }

    static func find(_ folder: URL) async throws -> (process: pid_t, port: UInt16) {
        try await eventually {
            guard let data = try? Data(contentsOf: folder.appending(path: "child")) else { return nil }
            let words = String(decoding: data, as: UTF8.self).split(separator: " ")
            guard words.count == 2, let process = pid_t(words[0]), let port = UInt16(words[1]) else {
                return nil
            }
            return (process, port)
        }
    }
}

@Suite(.serialized) struct KillTests {
    @Test(arguments: [1, 4, 9, 15, 20])
    func
        `a service that is killed with SIGKILL in the middle of uploads has every block that it acknowledged`(
            acknowledgedBefore count: Int
        ) async throws
    {
        let data = Samples.bytes(2_000_000, seed: UInt64(count))
        let blocks = Samples.blocks(data, of: 100_000)
        try await withTemporaryFolder { folder in
            let path = folder.path
            async let death: Void = {
                await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
                    try Child.serve(path)
                }
            }()
            let child = try await Child.find(folder)
            let (clip, acknowledged) = try await uploadUntilKilled(blocks, child, folder, after: count)
            await death
            #expect(acknowledged.count >= count)
            try await Harness.run(in: folder) { harness in
                var clip = clip
                clip.uploadUri = clip.uploadUri.replacing(
                    ":\(child.port)/", with: ":\(harness.address.port)/")
                for number in blocks.indices where !acknowledged.contains(number) {
                    let status = try await harness.put(blocks[number], block: number, of: clip).status
                    #expect((200...202).contains(status))
                }
                let published = try await harness.wait(for: "Published", of: clip.id)
                #expect(try await harness.download(published).body == data)
                #expect(harness.events.problems == [])
            }
        }
    }

    /// Sends blocks, four at once, and kills the service when `count` of them are acknowledged.
    private func uploadUntilKilled(
        _ blocks: [Data], _ child: (process: pid_t, port: UInt16), _ folder: URL, after count: Int
    ) async throws -> (Harness.Begun, Set<Int>) {
        let tokens = try object(Data(contentsOf: folder.appending(path: "data/tokens.json")))
        let token = ((tokens["tokens"] as? [[String: Any]])?.first?["token"] as? String) ?? ""
        let base = "http://127.0.0.1:\(child.port)"
        let request = Samples.request(fileSize: blocks.reduce(0) { $0 + $1.count }, blocks: blocks.count)
        let begun = try await curl(
            Harness.headers(token: token) + ["-H", "Content-Type: application/json", "--data-binary", "@-"]
                + ["\(base)/users/me/scids/\(Harness.scid)/clips"],
            input: JSONSerialization.data(withJSONObject: request)
        ).json
        let clip = Harness.Begun(
            id: begun["gameClipId"] as? String ?? "", uploadUri: begun["uploadUri"] as? String ?? "")
        let acknowledged = Acknowledged()
        await withTaskGroup(of: Void.self) { group in
            for lane in 0..<4 {
                group.addTask {
                    for number in stride(from: lane, to: blocks.count, by: 4) {
                        let url = "\(clip.uploadUri)?blockNum=\(number)&uploadId=\(clip.id)"
                        let answer = try? await curl(
                            Harness.headers(token: token) + ["-X", "PUT", "--data-binary", "@-", url],
                            input: blocks[number])
                        guard let answer, answer.status == 202 || answer.status == 201 else { continue }
                        if acknowledged.add(number) == count { kill(child.process, SIGKILL) }
                    }
                }
            }
        }
        return (clip, acknowledged.blocks.withLock { $0 })
    }

    private final class Acknowledged: Sendable {
        let blocks = Locked<Set<Int>>([])

        func add(_ block: Int) -> Int {
            blocks.withLock { blocks in
                blocks.insert(block)
                return blocks.count
            }
        }
    }
}
