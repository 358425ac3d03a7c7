import CLinux
import ClipModel
import FoundationEssentials
import Glibc
import Support
import SystemIO

/// Where workers come from: a process that has loaded all that they need, and divides itself, so that a worker starts in
/// a few milliseconds.
///
/// It is started when the first worker is to be expected, and again should it be gone. Several pools may share one. Orders
/// and what became of them carry a number, so that nobody waits for somebody else's order, and an answer that comes too
/// late is nobody's.
public actor ForkServer {
    private nonisolated let executor = BlockingExecutor("fork-server")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let program: String?
    private var process: ForkServerProcess?
    private var isReady = false
    /// Is done when the process is ready.
    private var launch: Task<Result<ForkServerProcess, MediaError>, Never>?
    /// Processes that were started so far.
    private(set) var starts = 0
    /// Why another process would not get ready either, and until when that is believed.
    private var failure: (reason: MediaError, end: ContinuousClock.Instant)?
    /// Those that the process has started and not ended.
    private var workers: Set<Int32> = []
    /// Those that it is about to end.
    private(set) var ending: [Int32: Task<ChildProcess.Ending, Never>] = [:]
    /// Missing protections that somebody was told of.
    private var told: Set<Protection> = []
    /// Who waits for what becomes of an order, by its number; who waits for the process to be ready has number 0.
    private var waiting: [UInt64: CheckedContinuation<Answer, Never>] = [:]
    private var lastNumber: UInt64 = 0

    /// How long one that was too slow is not tried again.
    private static let timeToGiveUp = Duration.seconds(40)

    /// What the process says.
    private enum Statement {
        case hello(ForkServerHello)
        case report(ForkServerReport)
    }

    private typealias Answer = Result<Statement, Channel.Failure>

    /// No process is started yet.
    ///
    /// - Parameter program: The path of `clipship-media`, where it is not the one that belongs to this program.
    public init(program: String? = nil) {
        self.program = program
    }

    deinit {
        process?.hangUp()
    }

    /// Its process id; nil if it is not there yet.
    var id: Int32? { process?.id }

    /// Those of the missing protections that nobody was told of yet.
    func firstTold(_ missing: [Protection]) -> [Protection] {
        missing.filter { told.insert($0).inserted }
    }
}

// MARK: - Workers

extension ForkServer {
    /// Starts a worker; waits for as long as the fork server takes to be ready.
    ///
    /// - Parameters:
    ///   - socket: The worker's end of the socket to it, open until this returns.
    ///   - mapsColours: It has what HDR needs.
    /// - Returns: Its process id; nil if the fork server was gone or too busy. A worker may have got the socket all the
    ///   same, so that another attempt needs a new one.
    /// - Throws: `workerUnavailable`.
    func start(_ socket: Int32, mapsColours: Bool, _ limits: WorkerLimits) async throws(MediaError) -> Int32? {
        let process = try await readyProcess(limits)
        switch await carryOut(.start(memory: limits.memory, mapsColours: mapsColours), socket, by: process) {
        case .started(let id):
            // Another process knows nothing of it.
            guard self.process === process else { return nil }
            workers.insert(id)
            return id
        case .notStarted(let code):
            throw .unavailable(Errno(code).description)
        case .ended, nil:
            return nil
        }
    }

    /// Kills a worker and waits until it is gone. The signal that it is about to end from stays the one that is told.
    func end(_ id: Int32) async -> ChildProcess.Ending {
        // Without its fork server nobody knows.
        guard let process, workers.remove(id) != nil else { return .signalled(SIGKILL) }
        let task = Task { () -> ChildProcess.Ending in
            guard case .ended(let status) = await carryOut(.end(id: id), nil, by: process) else {
                return .signalled(SIGKILL)
            }
            return ChildProcess.Ending(status: status)
        }
        ending[id] = task
        defer { ending[id] = nil }
        return await task.value
    }

    /// Nil if the process is gone, or too busy to be of use.
    private func carryOut(
        _ order: ForkServerOrder, _ file: Int32?, by process: ForkServerProcess
    ) async -> ForkServerReport? {
        lastNumber += 1
        let number = lastNumber
        let answer = await answer(to: number, within: WorkerLimits().start) { () throws(Channel.Failure) in
            try process.send(Numbered(number: number, content: order), file: file)
        }
        if case .success(.report(let report)) = answer { return report }
        if self.process === process { drop() }
        return nil
    }

    /// What comes back for a number after `send`.
    private func answer(
        to number: UInt64, within time: Duration, after send: () throws(Channel.Failure) -> Void = {}
    ) async -> Answer {
        let limit = Task { [weak self] in
            // Cancelled: there is an answer.
            guard (try? await Task.sleep(for: time)) != nil else { return }
            await self?.resume(number, .failure(.timedOut))
        }
        defer { limit.cancel() }
        return await withCheckedContinuation { continuation in
            waiting[number] = continuation
            do throws(Channel.Failure) { try send() } catch { resume(number, .failure(error)) }
        }
    }

    private func resume(_ number: UInt64, _ answer: Answer) {
        waiting.removeValue(forKey: number)?.resume(returning: answer)
    }
}

// MARK: - The process

extension ForkServer {
    /// Has the process started unless it is there, so that it gets ready beside whatever this one does meanwhile. What
    /// stands in its way is told when a worker is wanted.
    func prepare(_ limits: WorkerLimits) {
        if process == nil { _ = launching(limits) }
    }

    /// Ends it. Its workers are to have ended before, or to be about to, which is waited for; the system then counts what they
    /// took as taken by this process.
    public func close() async {
        launch?.cancel()
        await settle()
        drop()
        _ = await launch?.value
    }

    /// Waits for workers that are about to end.
    private func settle() async {
        for task in ending.values { _ = await task.value }
    }

    /// Ends it unless it has workers; who wants another has it started again.
    func closeIfIdle() async {
        await settle()
        if workers.isEmpty, launch == nil { await close() }
    }

    /// The process that is there, or another if it was gone. One that takes too long is not tried again for every clip.
    private func readyProcess(_ limits: WorkerLimits) async throws(MediaError) -> ForkServerProcess {
        if let process, isReady { return process }
        return try await launching(limits).value.get()
    }

    private func launching(_ limits: WorkerLimits) -> Task<Result<ForkServerProcess, MediaError>, Never> {
        if let launch { return launch }
        let task = Task { await readied(limits) }
        launch = task
        return task
    }

    private func readied(_ limits: WorkerLimits) async -> Result<ForkServerProcess, MediaError> {
        defer { launch = nil }
        if let failure, ContinuousClock.now < failure.end { return .failure(failure.reason) }
        let deadline = ContinuousClock.now + limits.start
        do throws(MediaError) {
            do throws(MediaError) { return .success(try await started(limits)) } catch {
                // Another may do where this one is gone, not where it is too slow.
                guard ContinuousClock.now < deadline, !Task.isCancelled else { throw error }
            }
            return .success(try await started(limits))
        } catch {
            drop()
            if ContinuousClock.now >= deadline { failure = (error, .now + Self.timeToGiveUp) }
            return .failure(error)
        }
    }

    /// Another process, once it has said that it is ready.
    private func started(_ limits: WorkerLimits) async throws(MediaError) -> ForkServerProcess {
        let process = try ForkServerProcess(program)
        self.process = process
        starts += 1
        Task { [weak self] in
            for await frame in process.frames { await self?.take(frame, from: process) }
            await self?.forget(process)
        }
        let hello: ForkServerHello
        do {
            guard case .hello(let said) = try await answer(to: 0, within: limits.start).get() else {
                throw Channel.Failure.malformed
            }
            hello = said
        } catch {
            throw .unavailable(error, process.end() ?? .signalled(SIGKILL), limits, of: process.program)
        }
        guard hello.version == Version.current else {
            let version = TerminalText.onOneLine(hello.version)
            throw .unavailable(
                "\(process.program) is of version \(version) and clipship of version \(Version.current); install both "
                    + "again")
        }
        isReady = true
        return process
    }

    private func take(_ frame: Result<Message, Channel.Failure>, from process: ForkServerProcess) {
        // One that was given up says nothing about the next.
        guard self.process === process else { return }
        do {
            let message = try frame.get()
            switch message.kind {
            case .hello:
                resume(0, .success(.hello(try JSONDecoder().decode(ForkServerHello.self, from: Data(message.bytes)))))
            case .report:
                let report = try JSONDecoder().decode(Numbered<ForkServerReport>.self, from: Data(message.bytes))
                resume(report.number, .success(.report(report.content)))
            default:
                failAll(.malformed)
            }
        } catch {
            failAll(error as? Channel.Failure ?? .malformed)
        }
    }

    private func forget(_ gone: ForkServerProcess) {
        // Whoever waits for it to be ready wants to know how it ended.
        if process === gone, isReady { drop() }
    }

    /// Ends the process; its workers end by themselves when nobody holds their sockets any more.
    private func drop() {
        _ = process?.end()
        process = nil
        isReady = false
        workers = []
        failAll(.closed)
    }

    private func failAll(_ failure: Channel.Failure) {
        for number in Array(waiting.keys) { resume(number, .failure(failure)) }
    }
}

/// The process itself.
private final class ForkServerProcess: Sendable {
    let program: String
    let id: Int32
    /// What it says; ends when it is gone.
    let frames: AsyncStream<Result<Message, Channel.Failure>>
    private let child: Locked<ChildProcess?>
    private let channel: Channel

    /// Starts it; it is not ready yet.
    ///
    /// - Parameter program: Nil for that which belongs to this one.
    init(_ program: String?) throws(MediaError) {
        let path: String
        if let program { path = program } else { path = try MediaProgram.path() }
        do throws(FileError) {
            let pair = try LocalSocket.pair()
            let child = try ChildProcess(
                path, arguments: [MediaProgram.name], environment: Self.environment,
                descriptor: pair.theirs.descriptor, sharesErrors: clinux_is_sanitized() == 1)
            id = child.id
            self.child = Locked(child)
            channel = Channel(socket: pair.ours)
        } catch {
            throw .unavailable(error.description)
        }
        self.program = path
        let (frames, continuation) = AsyncStream.makeStream(of: Result<Message, Channel.Failure>.self)
        self.frames = frames
        Blocking.start("fork-server-in") { [self] in
            do throws(Channel.Failure) {
                while true { continuation.yield(.success(try channel.receive(until: nil))) }
            } catch {
                continuation.yield(.failure(error))
                continuation.finish()
            }
        }
    }

    /// What it is told of the environment: where its libraries are, and what a sanitizer of a test build needs.
    private static var environment: [String: String] {
        var environment = ["SWIFT_BACKTRACE": "enable=no"]
        for name in ["LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"] {
            environment[name] = getenv(name).map { String(cString: $0) }
        }
        return environment
    }

    func send(_ order: Numbered<ForkServerOrder>, file: Int32?) throws(Channel.Failure) {
        let bytes: Data
        do { bytes = try JSONEncoder().encode(order) } catch { throw .malformed }
        try channel.send(.order, Array(bytes), file: file)
    }

    /// It ends by itself then.
    func hangUp() { channel.socket.hangUp() }

    /// Kills it and waits until it is gone. Nil if that was done before.
    func end() -> ChildProcess.Ending? { child.withLock { $0.take() }?.end() }
}
