import CLinux
import ClipModel
import Dispatch
import FoundationEssentials
import Glibc
import Support
import SystemIO

/// Where workers come from: a process that has loaded all that they need, and divides itself, so that a worker starts in
/// a few milliseconds.
///
/// It is started when the first worker is to be expected, and again should it be gone. Several pools may share one.
public final class ForkServer: Sendable {
    private let program: String?
    private let state = Locked(State())
    private let starting = DispatchQueue(label: "clipship.media.starting")

    /// How long one that was too slow is not tried again.
    private static let timeToGiveUp = Duration.seconds(40)

    private struct State: ~Copyable {
        var process: ForkServerProcess?
        /// Processes that were started so far.
        var starts = 0
        /// Those that the process has started and not ended.
        var workers: Set<Int32> = []
        /// Missing protections that somebody was told of.
        var told: Set<Protection> = []
        /// Why another process would not get ready either, and until when that is believed.
        var failure: (reason: MediaError, end: ContinuousClock.Instant)?

        /// Ends the process; its workers end by themselves when nobody holds their sockets any more.
        mutating func drop() {
            process = nil
            workers = []
        }
    }

    /// No process is started yet.
    ///
    /// - Parameter program: The path of `clipship-media`, where it is not the one that belongs to this program.
    public init(program: String? = nil) {
        self.program = program
    }

    /// Has the process started unless it is there, so that it gets ready beside whatever this one does meanwhile. Waits
    /// for nothing. What stands in its way is told when a worker is wanted.
    func prepare() {
        starting.async { [self] in
            state.withLock { state in
                guard state.process?.id == nil, let started = try? ForkServerProcess(program) else { return }
                state.process = consume started
                state.starts += 1
            }
        }
    }

    /// Ends it. Its workers are to have ended before; the system then counts what they took as taken by this process.
    public func close() {
        starting.sync {
            state.withLock { state in state.drop() }
        }
    }

    /// Ends it unless it has workers; who wants another has it started again.
    func closeIfIdle() {
        starting.sync {
            state.withLock { state in if state.workers.isEmpty { state.drop() } }
        }
    }

    /// Its process id; nil if it is not there yet.
    var id: Int32? { state.withLock { state in state.process?.id } }

    /// How often it was started so far.
    var starts: Int { state.withLock { state in state.starts } }

    /// Those of the missing protections that nobody was told of yet.
    func firstTold(_ missing: [Protection]) -> [Protection] {
        state.withLock { state in missing.filter { state.told.insert($0).inserted } }
    }

    /// Starts a worker. Blocks for as long as the fork server takes to be ready.
    ///
    /// - Parameters:
    ///   - socket: The worker's end of the socket to it.
    ///   - mapsColours: It has what HDR needs.
    /// - Returns: Its process id; nil if the fork server was gone or too busy, and is ended. A worker may have got the
    ///   socket all the same, so that another attempt needs a new one.
    func start(
        _ socket: borrowing LocalSocket, mapsColours: Bool, _ limits: WorkerLimits
    ) throws(MediaError) -> Int32? {
        let order = ForkServerOrder.start(memory: limits.memory, mapsColours: mapsColours)
        let descriptor = socket.descriptor
        return try state.withLock { (state) throws(MediaError) -> Int32? in
            let process = try readyProcess(&state, limits)
            switch process.carryOut(order, descriptor) {
            case .started(let id):
                state.process = consume process
                state.workers.insert(id)
                return id
            case .notStarted(let code):
                state.process = consume process
                throw .unavailable(String(cString: strerror(code)))
            // What it says next would be about this order.
            case .ended, nil:
                state.workers = []
                return nil
            }
        }
    }

    /// The process that is there, or another if it was gone. One that takes too long is not tried again for every clip.
    private func readyProcess(_ state: inout State, _ limits: WorkerLimits) throws(MediaError) -> ForkServerProcess {
        if let failure = state.failure, ContinuousClock.now < failure.end { throw failure.reason }
        // Another one knows nothing of them.
        if state.process?.isReady != true { state.workers = [] }
        let deadline = ContinuousClock.now + limits.start
        do throws(MediaError) {
            if let running = state.process.take() {
                do throws(MediaError) { return try running.ready(limits) } catch {
                    // Another may do where this one is gone, not where it is too slow.
                    guard ContinuousClock.now < deadline else { throw error }
                }
            }
            let another = try ForkServerProcess(program)
            state.starts += 1
            return try another.ready(limits)
        } catch {
            if ContinuousClock.now >= deadline { state.failure = (error, .now + Self.timeToGiveUp) }
            throw error
        }
    }

    /// Kills a worker and waits until it is gone. The signal that it is about to end from stays the one that is told.
    func end(_ id: Int32) -> ChildProcess.Ending {
        state.withLock { state in
            // Without its fork server nobody knows.
            guard state.workers.remove(id) != nil else { return .signalled(SIGKILL) }
            guard case .ended(let status) = state.process?.carryOut(.end(id: id), nil) else {
                // What it says next would be about this order.
                state.drop()
                return .signalled(SIGKILL)
            }
            return ChildProcess.Ending(status: status)
        }
    }
}

/// The process itself.
private struct ForkServerProcess: ~Copyable {
    private let program: String
    private let child: ChildProcess
    private let channel: Channel
    private(set) var isReady = false

    var id: Int32 { child.id }

    /// Starts it; it is not ready yet.
    ///
    /// - Parameter program: Nil for that which belongs to this one.
    init(_ program: String?) throws(MediaError) {
        let path: String
        if let program { path = program } else { path = try MediaProgram.path() }
        let child: ChildProcess
        let channel: Channel
        do throws(FileError) {
            let pair = try LocalSocket.pair()
            child = try ChildProcess(
                path, arguments: [MediaProgram.name], environment: Self.environment,
                descriptor: pair.theirs.descriptor, sharesErrors: clinux_is_sanitized() == 1)
            channel = Channel(socket: pair.ours)
        } catch {
            throw .unavailable(error.description)
        }
        self.program = path
        self.child = child
        self.channel = channel
    }

    /// What it is told of the environment: where its libraries are, and what a sanitizer of a test build needs.
    private static var environment: [String: String] {
        var environment = ["SWIFT_BACKTRACE": "enable=no"]
        for name in ["LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"] {
            environment[name] = getenv(name).map { String(cString: $0) }
        }
        return environment
    }

    /// Itself, once it has said that it is ready.
    consuming func ready(_ limits: WorkerLimits) throws(MediaError) -> ForkServerProcess {
        guard !isReady else { return self }
        let hello: ForkServerHello
        do {
            let frame = try channel.receive(until: .now + limits.start)
            guard frame.kind == .hello else { throw Channel.Failure.malformed }
            hello = try JSONDecoder().decode(ForkServerHello.self, from: Data(frame.bytes))
        } catch {
            throw .unavailable(error, child.end(), limits, of: program)
        }
        guard hello.version == Version.current else {
            let version = TerminalText.onOneLine(hello.version)
            throw .unavailable(
                "\(program) is of version \(version) and clipship of version \(Version.current); install both again")
        }
        isReady = true
        return self
    }

    /// Nil if the process is gone, too busy to be of use, or not ready yet.
    func carryOut(_ order: ForkServerOrder, _ file: Int32?) -> ForkServerReport? {
        guard isReady else { return nil }
        do {
            try channel.send(.order, Array(JSONEncoder().encode(order)), file: file)
            let frame = try channel.receive(until: .now + WorkerLimits().start)
            guard frame.kind == .report else { return nil }
            return try JSONDecoder().decode(ForkServerReport.self, from: Data(frame.bytes))
        } catch {
            return nil
        }
    }
}
