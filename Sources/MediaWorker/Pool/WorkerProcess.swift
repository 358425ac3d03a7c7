import ClipModel
import FoundationEssentials
import SystemIO

/// One worker as the program sees it. Used for one file at a time.
final class WorkerProcess: Sendable {
    let id: Int32
    /// It can show HDR and wide gamuts.
    let mapsColours: Bool
    private let channel: Channel
    private let limits: WorkerLimits
    private let forkServer: ForkServer
    private let hasEnded = Locked(false)

    /// Has a worker started. It is to be asked for its hello before anything else.
    init(_ forkServer: ForkServer, mapsColours: Bool, _ limits: WorkerLimits) async throws(MediaError) {
        // Its end is closed here once it has one: a worker that ends is to be noticed at once.
        var pair = try Self.sockets()
        var started = try await forkServer.start(pair.theirs.descriptor, mapsColours: mapsColours, limits)
        if started == nil {
            pair = try Self.sockets()
            started = try await forkServer.start(pair.theirs.descriptor, mapsColours: mapsColours, limits)
        }
        guard let started else { throw .unavailable("the process that workers come from is gone") }
        id = started
        channel = Channel(socket: pair.ours)
        self.mapsColours = mapsColours
        self.limits = limits
        self.forkServer = forkServer
    }

    private static func sockets() throws(MediaError) -> LocalSocket.Pair {
        do throws(FileError) {
            return try LocalSocket.pair()
        } catch {
            throw .unavailable(error.description)
        }
    }

    /// Waits until it is locked down. Blocks.
    ///
    /// - Returns: What it lacks.
    func hello() throws -> [Protection] {
        let frame = try channel.receive(until: .now + limits.start)
        guard frame.kind == .hello else { throw Channel.Failure.malformed }
        return try JSONDecoder().decode(WorkerHello.self, from: Data(frame.bytes)).missing
    }

    /// False if it has ended, or said something that it was not asked for.
    var isReady: Bool {
        !hasEnded.withLock { $0 } && (try? channel.socket.waitUntilReadable(until: .now)) == false
    }

    /// Kills it, once.
    @discardableResult
    func end() async -> ChildProcess.Ending? {
        isFirstEnd ? await forkServer.end(id) : nil
    }

    private var isFirstEnd: Bool {
        hasEnded.withLock { hasEnded in
            defer { hasEnded = true }
            return !hasEnded
        }
    }

    deinit {
        if isFirstEnd { Task(executorPreference: Blocking.threads) { [forkServer, id] in await forkServer.end(id) } }
    }
}

// MARK: - One request

extension WorkerProcess {
    /// Has a file looked at, on one of `threads`. A worker that gave no proper answer has ended when this throws; `isReady`
    /// says so.
    func examine(_ file: OpenFile, _ request: MediaRequest, on threads: BlockingPool) async throws(MediaError)
        -> MediaAnswer
    {
        let seconds = min(max(request.deadlineSeconds, 1), 86_400)
        // A worker that keeps the time itself says more, so it is given a moment.
        let end = SuspendingClock.now + .seconds(seconds) + .seconds(1)
        do {
            return try await threads.run {
                try self.channel.send(
                    .request, Array(JSONEncoder().encode(request)), file: file.descriptor, waits: false)
                return try self.receive(request, until: end)
            }
        } catch let error as MediaError {
            throw error
        } catch {
            throw await failure(error, isLate: SuspendingClock.now >= end, seconds)
        }
    }

    private func receive(_ request: MediaRequest, until end: SuspendingClock.Instant) throws -> MediaAnswer {
        var pictures = AnswerPictures()
        while true {
            let frame = try channel.receive(until: min(end, .now + limits.silence))
            switch frame.kind {
            case .progress:
                continue
            case .picture where pictures.thumbnails.count < 2:
                pictures.thumbnails.append(frame.bytes)
            case .sheet where pictures.sheet == nil && request.sheet != nil:
                pictures.sheet = frame.bytes
            case .strip where pictures.strip == nil && request.showsCandidates:
                pictures.strip = frame.bytes
            case .answer:
                let message = try JSONDecoder().decode(AnswerMessage.self, from: Data(frame.bytes))
                guard let answer = message.checked(pictures, for: request) else { throw Channel.Failure.malformed }
                return answer
            case .refusal:
                throw try JSONDecoder().decode(MediaError.self, from: Data(frame.bytes)).cleaned
            case .picture, .sheet, .strip, .request, .hello, .order, .report:
                throw Channel.Failure.malformed
            }
        }
    }

    private func failure(_ error: any Error, isLate: Bool, _ seconds: Int) async -> MediaError {
        let ending = await end()
        return switch error {
        case Channel.Failure.timedOut: isLate ? .tooSlow(seconds: seconds) : .silent(limits.silence)
        case Channel.Failure.closed: ending.map { MediaError($0, limits) } ?? .nonsense
        default: .nonsense
        }
    }
}

/// What a worker may take for one file, beside the seconds that the request names.
public struct WorkerLimits: Hashable, Sendable {
    /// Bytes of memory, beside what the program itself takes; 1 GiB.
    public var memory: Int64 = 1 << 30
    /// How long it may show no progress; 10 s.
    public var silence: Duration = .seconds(10)
    /// How long it may take to start; 20 s, for a machine under load.
    public var start: Duration = .seconds(20)

    /// The defaults.
    public init() {}
}
