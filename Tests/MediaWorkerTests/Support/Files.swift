import ClipModel
import Foundation
import MediaWorker
import SystemIO
import TestSupport
import Testing

/// The sample clips, in the order of their names.
let sampleNames = ["boss-fight", "hallway-720p", "instant-replay", "lobby-vfr", "phone-portrait", "sunset-hdr10"]

func sample(_ name: String) throws -> OpenFile {
    try OpenFile(Places.samples.appending(path: "\(name).mp4").path)
}

extension ForkServer {
    /// Its workers do what is written in a file of `Misbehaviour`.
    static var misbehaving: ForkServer { ForkServer(program: Misbehaviour.program) }
}

/// What a worker of the program `misbehaving-media` does instead of its work.
enum Misbehaviour: String {
    case crash, kill, sleep, progress, allocate, exit, open, stat, connect, execute, noise, length, duration, pictures

    static var program: String { Places.program("misbehaving-media") }

    /// Writes a file that tells it to.
    func write(to file: URL) throws { try Data("misbehave \(rawValue)\n".utf8).write(to: file) }
}

extension WorkerLimits {
    /// For a machine that is busy with other tests.
    static var patient: WorkerLimits {
        var limits = WorkerLimits()
        limits.silence = .seconds(60)
        limits.start = .seconds(60)
        return limits
    }
}

/// All that workers, and the process that they come from, may have in their environment.
let forkServerEnvironment: Set = [
    "SWIFT_BACKTRACE", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS",
]

/// A pool of real workers, ended afterwards.
func withPool<Result>(
    width: Int = 1, forkServer: ForkServer = ForkServer(), limits: WorkerLimits = .patient,
    isolation: isolated (any Actor)? = #isolation, _ body: (MediaWorkerPool) async throws -> Result
) async throws -> Result {
    let pool = MediaWorkerPool(width: width, forkServer: forkServer, limits: limits) { _ in }
    do {
        let result = try await body(pool)
        await pool.close()
        return result
    } catch {
        await pool.close()
        throw error
    }
}

/// What a file is refused for, or nil if it is not.
func refusal(of file: OpenFile, by pool: MediaWorkerPool, _ request: MediaRequest = MediaRequest()) async -> MediaError?
{
    do throws(MediaError) {
        _ = try await pool.examine(file, request)
        return nil
    } catch {
        return error
    }
}

/// Files that would have a careless reader open something else; the names that they mention are in their text.
enum Lures {
    /// Writes them, all named `.mp4`.
    static func write(to folder: URL) throws -> [URL] {
        let texts: [(String, Data)] = [
            (
                "playlist",
                Data("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n".utf8)
            ),
            ("script", Data("ffconcat version 1.0\nfile '/etc/hostname'\nfile 'http://127.0.0.1:9/b.mp4'\n".utf8)),
            (
                "drawing",
                Data(
                    """
                    <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">
                    <image width="9" height="9" xlink:href="file:///etc/hostname"/></svg>
                    """.utf8)
            ),
            (
                "reference",
                try withExternalReferences(Data(contentsOf: Places.samples.appending(path: "instant-replay.mp4")))
            ),
        ]
        return try texts.map { name, data in
            let file = folder.appending(path: "\(name).mp4")
            try data.write(to: file)
            return file
        }
    }

    /// The tracks' data references say that the media is in `/etc/hostname`. Longer by that name, so the offsets of
    /// samples are no longer true, which does not matter where no sample is read.
    private static func withExternalReferences(_ file: Data) throws -> Data {
        let inside = Data([0, 0, 0, 12] + Array("url ".utf8) + [0, 0, 0, 1])
        let location = Data("file:///etc/hostname\0".utf8)
        let outside = Data([0, 0, 0, UInt8(12 + location.count)] + Array("url ".utf8) + [0, 0, 0, 0]) + location
        var file = file
        while let reference = file.range(of: inside) {
            // The boxes around the entry, whose sizes grow with it.
            for box in ["moov", "trak", "mdia", "minf", "dinf", "dref"] {
                let name = try #require(
                    file.range(of: Data(box.utf8), options: .backwards, in: 0..<reference.lowerBound))
                let size = (name.lowerBound - 4)..<name.lowerBound
                let value = file[size].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } + UInt32(location.count)
                file.replaceSubrange(size, with: withUnsafeBytes(of: value.bigEndian) { Data($0) })
            }
            file.replaceSubrange(reference, with: outside)
        }
        return file
    }
}
