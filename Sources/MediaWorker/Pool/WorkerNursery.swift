import ClipModel
import CLinux
import FoundationEssentials
import Glibc
import SystemIO

/// Where workers come from: a process that is ready to divide itself, so that a worker starts in a few milliseconds.
///
/// It is a copy of this process (`divided`), or a program that is started when the first worker is wanted and again
/// should it be gone. Several pools may share one.
public final class WorkerNursery: Sendable {
    private let program: String
    private let process: Guarded<NurseryProcess?>

    /// No process is started yet.
    ///
    /// - Parameter program: What is started with `MediaWorkerProcess`'s command line: this program, unless it is another
    ///   that has this module as a part.
    public convenience init(program: String = "/proc/self/exe") {
        self.init(program, nil)
    }

    private init(_ program: String, _ process: consuming sending NurseryProcess?) {
        self.program = program
        self.process = Guarded(process)
    }

    /// Divides this process, which saves loading all libraries again (`fork`). To be called on the main thread before
    /// any other is started, and before anything secret is read. The copy forgets the environment.
    ///
    /// - Parameter arguments: What the program was given to start with, as `CommandLine.unsafeArgv` is.
    public static func divided(
        _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    ) -> WorkerNursery {
        // The runtime of a sanitizer has threads of its own.
        guard clinux_is_sanitized() == 0, let pair = try? LocalSocket.pair() else { return WorkerNursery() }
        let id = clinux_fork()
        if id == 0 { becomeNursery(pair.theirs.descriptor, arguments) }
        guard id > 0 else { return WorkerNursery() }
        return WorkerNursery("/proc/self/exe", NurseryProcess(ChildProcess(owning: id), Channel(socket: pair.ours)))
    }

    /// The state that `ChildProcess` starts a program in.
    private static func becomeNursery(
        _ socket: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    ) -> Never {
        clinux_forget_start(arguments, "clipship \(MediaWorkerProcess.argument)")
        setpgid(0, 0)
        // Nothing of what the program had in memory is for others.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        _ = clinux_not_dumpable()
        let nothing = open("/dev/null", O_RDWR)
        guard nothing != -1 else { _exit(2) }
        for standard in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] { dup2(nothing, standard) }
        guard dup2(socket, Nursery.socket) == Nursery.socket, clinux_close_from(Nursery.socket + 1) == 0 else {
            _exit(2)
        }
        Nursery.serve()
    }

    /// Has a process that is there get ready, beside whatever this one does meanwhile.
    func prepare() {
        process.withLock { process in process?.prepare() }
    }

    /// Ends it. Its workers are to have ended before; the system then counts what they took as taken by this process.
    public func close() {
        process.withLock { process in process = nil }
    }

    /// Its process id; nil if it is not there yet.
    var id: Int32? { process.withLock { process in process?.id } }

    /// Starts a worker. Blocks for as long as the nursery takes to be ready.
    ///
    /// - Parameters:
    ///   - socket: The worker's end of the socket to it.
    ///   - mapsColours: It has what HDR needs.
    /// - Returns: Its process id; nil if the nursery was gone or too busy, and is ended. A worker may have got the
    ///   socket all the same, so that another attempt needs a new one.
    func start(
        _ socket: borrowing LocalSocket, mapsColours: Bool, _ limits: WorkerLimits
    ) throws(MediaError) -> Int32? {
        let order = NurseryOrder.start(memory: limits.memory, mapsColours: mapsColours)
        let descriptor = socket.descriptor
        let report = try process.withLock { (process) throws(MediaError) -> NurseryReport? in
            if process?.id == nil { process = try NurseryProcess(program, limits) }
            if let report = process?.carryOut(order, descriptor) { return report }
            process = nil
            return nil
        }
        switch report {
        case .started(let id): return id
        case .notStarted(let code): throw .unavailable(String(cString: strerror(code)))
        case .ended: throw .unavailable("the process that workers come from does not say what it should")
        case nil: return nil
        }
    }

    /// Kills a worker and waits until it is gone. The signal that it is about to end from stays the one that is told.
    func end(_ id: Int32) -> ChildProcess.Ending {
        let report = process.withLock { process in process?.carryOut(.end(id: id), nil) }
        // Without a nursery nobody knows; a worker whose socket is closed ends by itself.
        guard case .ended(let status) = report else { return .signalled(SIGKILL) }
        return ChildProcess.Ending(status: status)
    }
}

/// The process itself.
private struct NurseryProcess: ~Copyable {
    private let child: ChildProcess
    private let channel: Channel
    private var isReady = false

    var id: Int32 { child.id }

    /// A process that will say that it is ready.
    init(_ child: consuming ChildProcess, _ channel: consuming Channel) {
        self.child = child
        self.channel = channel
    }

    /// Starts a program, and waits until it is ready.
    init(_ program: String, _ limits: WorkerLimits) throws(MediaError) {
        guard !MediaWorkerProcess.isMarked else { throw .unavailable("a worker starts no other") }
        let child: ChildProcess
        let channel: Channel
        do throws(FileError) {
            let pair = try LocalSocket.pair()
            child = try ChildProcess(
                program, arguments: ["clipship", MediaWorkerProcess.argument], environment: Self.environment,
                descriptor: pair.theirs.descriptor, sharesErrors: clinux_is_sanitized() == 1)
            channel = Channel(socket: pair.ours)
        } catch {
            throw .unavailable(error.description)
        }
        do throws(Channel.Failure) {
            guard try channel.receive(until: .now + limits.start).kind == .hello else { throw .malformed }
        } catch {
            throw .unavailable(error, child.end(), limits)
        }
        self.child = child
        self.channel = channel
        isReady = true
    }

    /// What it is told of the environment: where its libraries are, and what a sanitizer of a test build needs.
    private static var environment: [String: String] {
        var environment = [MediaWorkerProcess.mark: "1", "SWIFT_BACKTRACE": "enable=no"]
        for name in ["LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"] {
            environment[name] = getenv(name).map { String(cString: $0) }
        }
        return environment
    }

    /// A process that is gone is noticed when a worker is wanted.
    func prepare() {
        guard let order = try? JSONEncoder().encode(NurseryOrder.prepare) else { return }
        try? channel.send(.order, Array(order))
    }

    /// Nil if the process is gone, or too busy to be of use.
    mutating func carryOut(_ order: NurseryOrder, _ file: Int32?) -> NurseryReport? {
        do {
            if !isReady {
                guard try receive().kind == .hello else { return nil }
                isReady = true
            }
            try channel.send(.order, Array(JSONEncoder().encode(order)), file: file)
            let frame = try receive()
            guard frame.kind == .report else { return nil }
            return try JSONDecoder().decode(NurseryReport.self, from: Data(frame.bytes))
        } catch {
            return nil
        }
    }

    private func receive() throws(Channel.Failure) -> Frame {
        try channel.receive(until: .now + WorkerLimits().start)
    }
}
