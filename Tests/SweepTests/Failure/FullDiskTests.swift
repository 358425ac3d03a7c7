import Foundation
import TestSupport
import Testing

/// An output folder on a file system of its own, which is full at one step or another.
@Suite(.serialized) struct FullDiskTests {
    /// KiB that there is room for. A run of the two clips needs some 500.
    private static let sizes = Sweep.isLong ? Array(stride(from: 12, through: 700, by: 8)) : [16, 60, 140, 260, 420]

    @Test(
        .timeLimit(.minutes(30)),
        .enabled("small file systems can't be mounted here") { await Self.canMount() })
    func `a disk that is full at any step ends a run with 75, and with room the same command publishes each clip once`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let clips = folder.appending(path: "clips")
            try FileManager.default.createDirectory(at: clips, withIntermediateDirectories: true)
            for name in ["instant-replay.mp4", "lobby-vfr.mp4"] {
                try await run("cp", ["-p", Places.samples.appending(path: name).path, clips.path]).expectSuccess()
            }
            try await SweptService.with(in: folder) { service in
                var ends: [Int: Int] = [:]
                for (index, size) in Self.sizes.enumerated() {
                    let round = index + 1
                    let codes = try await fill(folder, size, round, service)
                    #expect(codes.count == 3 && [0, 75].contains(codes.first), "\(size) KiB: \(codes)")
                    #expect(codes.dropFirst() == [0, 2], "\(size) KiB: \(codes)")
                    ends[codes.first ?? -1, default: 0] += 1
                    let there = try service.clips(of: round).filter { !$0.isDeleted }
                    #expect(there.map(\.state) == ["Published", "Published"], "\(size) KiB")
                }
                Sweep.say("\(Self.sizes.count) sizes of a disk, first runs by their exit codes: \(ends)")
                #expect(ends[75, default: 0] > 2, "\(ends)")
            }
        }
    }

    /// The exit codes of a run on a disk of that size and of the next on a large one, and how many clips are published then.
    private func fill(_ folder: URL, _ size: Int, _ round: Int, _ service: SweptService) async throws -> [Int] {
        let pipeline = folder.appending(path: "pipeline-\(round).yaml")
        let text = """
            session: {scid: \(SweptService.scid(of: round)), titleId: 1, sessionRef: full, title: Sweep}
            clips: ["clips/*.mp4"]
            blocks: {size: 100kB}
            service: {metadata: "\(service.address)", token: {env: SWEEP_TOKEN}}
            output: out
            """
        try Data(text.utf8).write(to: pipeline)
        let script = """
            set -e
            mkdir -p out
            mount -t tmpfs -o size="$2"k tmpfs out
            code=0
            "$0" run "$1" >log 2>&1 || code=$?
            echo "$code"
            mount -o remount,size=64m out
            code=0
            "$0" run "$1" >>log 2>&1 || code=$?
            echo "$code"
            grep -c '"state" : "published"' out/batch.json
            umount out
            """
        let result = try await run(
            "unshare", ["-m", "sh", "-c", script, Places.clipship, pipeline.path, "\(size)"], in: folder,
            environment: ["SWEEP_TOKEN": SweptService.token])
        #expect(result.status == 0, "\(size) KiB: \(result.errorText)")
        return result.outputText.split(separator: "\n").compactMap { Int($0) }
    }

    private static func canMount() async -> Bool {
        let script = "mount -t tmpfs -o size=100k tmpfs /mnt && umount /mnt"
        guard geteuid() == 0 else { return false }
        // A program that is not there is one that can't.
        return (try? await run("unshare", ["-m", "sh", "-c", script]))?.status == 0
    }
}
