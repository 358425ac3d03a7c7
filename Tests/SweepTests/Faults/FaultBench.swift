import SQLite
import ClipModel
import Foundation
import Journal
import SystemIO
import TestSupport
import Testing
import Transport
import XboxServices

@testable import LocalService
@testable import Pipeline

/// A submission of several clips to a local service, all in this process and in virtual time.
struct FaultBench {
    let service: LocalService
    let address: String
    let time: VirtualTime
    private(set) var witness: RequestWitness
    let folder: URL
    private var target: ServiceTarget
    private let transport: CurlTransport
    private var clips: [SweptClip]
    private var observer: any BatchObserver = Nobody()

    /// Real time until the client gives up an answer.
    static let answerLimit = Duration.seconds(2)

    /// - Parameters:
    ///   - clips: How many.
    ///   - configure: Changes the service's settings before it starts.
    static func with(
        clips count: Int = 3, blocksEach: Int = 4, blockSize: Int = 1_000,
        _ configure: (inout LocalService.Configuration, URL) throws -> Void = { _, _ in },
        _ body: (inout FaultBench) async throws -> Void
    ) async throws {
        let pictures = try await Thumbnails.shared.value
        try await withTemporaryFolder { folder in
            let time = VirtualTime()
            var configuration = LocalService.Configuration(dataFolder: folder.appending(path: "data").path)
            configuration.clock = ServiceTime(clock: time.service)
            configuration.delays = .init(each: .seconds(1))
            configuration.thumbnailURIs = .always
            configuration.idleTimeout = 2
            try configure(&configuration, folder)
            let service = try LocalService(configuration, inspector: AnythingIsVideo())
            let address = try service.start()
            // Real time, for it is the network's; the limits themselves have tests of their own.
            var network = CurlConfiguration()
            network.idleTimeout = .milliseconds(400)
            network.answerTimeout = answerLimit
            if configuration.tls != nil {
                network.authorities = TrustedAuthorities(file: service.certificateFile)
            }
            let transport = try CurlTransport(network)
            let token = try #require(Token(service.developerToken))
            var bench = FaultBench(
                service: service, address: address.baseURL, time: time, witness: RequestWitness(transport, time),
                folder: folder,
                target: try ServiceTarget(localAt: address.baseURL, tokens: FixedToken(token)),
                transport: transport,
                clips: try (0..<count).map {
                    try SweptClip($0, blocks: blocksEach, of: blockSize, pictures: pictures, in: folder)
                })
            let result: Result<Void, any Error>
            do { result = .success(try await body(&bench)) } catch { result = .failure(error) }
            await transport.close()
            await service.stop()
            try result.get()
        }
    }

    /// Asks no more often than a service on the network is asked.
    mutating func keepUsualPace() {
        target.limits = ServiceSettings.usualLimits
        target.polling = Polling()
    }

    /// Has a clip more, and answers its name.
    mutating func addClip(blocks: Int) async throws -> String {
        let clip = try SweptClip(
            clips.count, blocks: blocks, of: 1_000, pictures: await Thumbnails.shared.value, in: folder)
        clips.append(clip)
        return clip.manifest.clip
    }

    /// Requests wait as long as `hold` does.
    mutating func hold(_ hold: @escaping RequestWitness.Hold) {
        witness = RequestWitness(transport, time, hold: hold)
    }

    /// Sends some requests by another transport; without one all by the usual one.
    mutating func send(by other: (any HTTPTransport)?, where isConcerned: @escaping ForkedTransport.Condition) {
        let fork = other.map { ForkedTransport(usual: transport, other: $0, takesOther: isConcerned) }
        witness = RequestWitness(fork ?? transport, time)
    }

    /// Tells `observer` what happens.
    mutating func tell(_ observer: any BatchObserver) {
        self.observer = observer
    }

    /// Takes tokens from elsewhere than the service.
    mutating func take(tokensFrom source: any TokenSource) {
        target.tokens = source
    }

    /// A token file with several tokens of one caller.
    static func write(tokens names: [String], in folder: URL) throws -> String {
        let tokens = names.map { name in
            [
                "token": name, "xuid": "7", "deviceType": "XboxOne", "deviceId": "any", "titleId": "1",
                "titleSandboxId": "RETAIL", "sandboxId": "RETAIL",
            ]
        }
        let file = folder.appending(path: "tokens.json")
        try JSONSerialization.data(withJSONObject: ["tokens": tokens]).write(to: file)
        return file.path
    }

    /// Submits every clip; why those that got no further did not.
    ///
    /// - Parameter knowsFiles: The files have stamps of when their digests were computed; nil: every other one has.
    func submit(
        _ options: SubmitOptions = SubmitOptions(), knowsFiles: Bool? = nil
    ) async throws -> [ClipFailure] {
        let journal = try Journal(path: folder.appending(path: "journal.db").path, service: target.name)
        let known = try await journal.clips()
        let submission = try Submission(
            to: target, journal: journal, options: options, stop: StopSignal(), observer: observer,
            requests: time, connection: .init(transport: witness, clock: time, date: { [time] in time.service.now }))
        let reading = BlockingPool("reading", width: 2)
        var stamps: [String: String] = [:]
        for (index, clip) in clips.enumerated() where knowsFiles ?? (index % 2 == 0) {
            stamps[clip.file.path] = try? clip.stamp()
        }
        return await withTaskGroup(of: ClipFailure?.self) { [stamps] group in
            for clip in clips {
                group.addTask {
                    do throws(ClipFailure) {
                        let contents = try ClipContents(
                            clip.manifest, file: clip.file.path, stamp: stamps[clip.file.path],
                            folder: folder.path, reading: reading)
                        return await submission.submit(contents, record: known[clip.manifest.key ?? ""]).failure
                    } catch {
                        return error
                    }
                }
            }
            var failures: [ClipFailure] = []
            for await failure in group { if let failure { failures.append(failure) } }
            return failures
        }
    }

    /// Of every clip that the service ever had.
    func states() throws -> [String] {
        try SQLiteDatabase(path: folder.appending(path: "data/service.db").path)
            .query("SELECT state FROM clips") { row in row.text(0) }
    }

    /// Each input is published exactly once, byte for byte, and no other id is there.
    func expectEachPublishedOnce(_ what: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws {
        let database = try SQLiteDatabase(path: folder.appending(path: "data/service.db").path)
        let rows = try database.query("SELECT id, state FROM clips WHERE state <> 'Deleted'") { row in
            (id: row.text(0), state: row.text(1))
        }
        #expect(
            rows.map(\.state) == Array(repeating: "Published", count: clips.count), "\(what)",
            sourceLocation: sourceLocation)
        let stored = try rows.filter { $0.state == "Published" }
            .map { try Data(contentsOf: folder.appending(path: "data/clips/\($0.id).mp4")) }
        #expect(
            Set(stored) == Set(try clips.map { try Data(contentsOf: $0.file) }), "\(what)",
            sourceLocation: sourceLocation)
    }
}

private struct Nobody: BatchObserver {
    func observe(_ event: BatchEvent) {}
}

private struct AnythingIsVideo: ClipInspector {
    func inspect(path: String, offsetMilliseconds: Int64) throws(InspectionFailure) -> ClipThumbnails {
        ClipThumbnails(large: Data("large".utf8), small: Data("small".utf8))
    }
}
