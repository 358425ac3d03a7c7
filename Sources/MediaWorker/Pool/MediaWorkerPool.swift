public import ClipModel
import Glibc
public import SystemIO

/// Looks at media in processes of their own, which are locked down so that no file can do harm.
///
/// There is one worker for each thread at most, started when it is first needed, kept for the next file, and replaced
/// when it has ended. Who finds none free waits in line. Nothing of it holds a thread of Swift's cooperative pool.
public final class MediaWorkerPool: Sendable {
    /// Workers at most.
    public let width: Int
    private let forkServer: ForkServer
    private let limits: WorkerLimits
    private let report: @Sendable (String) -> Void
    private let permits: AsyncSemaphore
    private let threads: BlockingPool
    private let state: Locked<State>

    private struct State {
        var idle: [WorkerProcess] = []
        /// Of workers that have not been ended here.
        var ids: Set<Int32> = []
        var started = 0
        /// Workers are to have what HDR needs; that takes longer to load than all the rest, so not before there is some.
        var mapsColours = false
        var isClosed = false

        /// The workers that have nothing to do.
        mutating func close() -> [WorkerProcess] {
            isClosed = true
            defer { idle = [] }
            return idle
        }
    }

    /// No process is started yet.
    ///
    /// - Parameters:
    ///   - width: Workers at most; below 1 is taken as 1.
    ///   - forkServer: Where the workers come from; by default a fork server of its own.
    ///   - report: Called on any thread with a sentence for the user, once for each protection that this system lacks,
    ///     to whichever pool of the fork server finds it first.
    public init(
        width: Int, forkServer: ForkServer = ForkServer(), limits: WorkerLimits = WorkerLimits(),
        report: @escaping @Sendable (String) -> Void
    ) {
        self.width = max(1, width)
        self.forkServer = forkServer
        self.limits = limits
        self.report = report
        permits = AsyncSemaphore(width)
        threads = BlockingPool("media", width: width)
        state = Locked(State())
    }

    /// Workers that were started so far, replaced ones too.
    public var startedWorkers: Int { state.withLock { $0.started } }

    /// The process ids of the workers.
    public var workerIDs: Set<Int32> { state.withLock { $0.ids } }

    /// To be called when files are to be expected: what the workers need is loaded while this process does other things.
    /// Waits for nothing.
    public func prepare() {
        Task(executorPreference: Blocking.threads) { [forkServer, limits] in await forkServer.prepare(limits) }
    }

    /// Facts, and thumbnails if asked for, of a file; see `MediaEngine.examine`.
    ///
    /// Throws what the file is refused for; beside the engine's reasons, `deadlineExceeded`, `memoryLimit` and
    /// `workerCrashed` for a worker that had to be ended or ended by itself, and `workerUnavailable`, which is not the
    /// file's fault.
    public func examine(_ file: OpenFile, _ request: MediaRequest) async throws(MediaError) -> MediaAnswer {
        try await permits.withPermit { () async throws(MediaError) in
            do throws(MediaError) { return try await examined(file, request) } catch {
                guard error.kind == .needsColourMapping else { throw error }
            }
            state.withLock { $0.mapsColours = true }
            return try await examined(file, request)
        }
    }

    /// Ends all workers that have nothing to do, those at work when they are done. No more are started. May be called
    /// several times.
    public func close() async {
        for worker in state.withLock({ $0.close() }) { await end(worker) }
        await forkServer.closeIfIdle()
    }

    deinit {
        // Idle workers are ended by whoever has them last.
        Task(executorPreference: Blocking.threads) { [forkServer] in await forkServer.closeIfIdle() }
    }
}

// MARK: - Workers, one for each permit

extension MediaWorkerPool {
    private func examined(_ file: OpenFile, _ request: MediaRequest) async throws(MediaError) -> MediaAnswer {
        let worker = try await worker()
        let answer: Result<MediaAnswer, MediaError>
        do throws(MediaError) {
            answer = .success(try await worker.examine(file, request, on: threads))
        } catch {
            answer = .failure(error)
        }
        await putBack(worker)
        return try answer.get()
    }

    private func worker() async throws(MediaError) -> WorkerProcess {
        var mapsColours = false
        while let worker = try state.withLock({ (state) throws(MediaError) in
            guard !state.isClosed else { throw .unavailable("the pool is closed") }
            mapsColours = state.mapsColours
            return state.idle.popLast()
        }) {
            if worker.isReady, worker.mapsColours || !mapsColours { return worker }
            await end(worker)
        }
        let worker = try await WorkerProcess(forkServer, mapsColours: mapsColours, limits)
        let missing: [Protection]
        do {
            missing = try await threads.run { try worker.hello() }
        } catch {
            throw .unavailable(error, await worker.end() ?? .signalled(SIGKILL), limits)
        }
        state.withLock { state in
            state.started += 1
            state.ids.insert(worker.id)
        }
        for protection in await forkServer.firstTold(missing) { report(protection.absence) }
        return worker
    }

    private func putBack(_ worker: WorkerProcess) async {
        let isKept =
            worker.isReady
            && state.withLock { state in
                if !state.isClosed { state.idle.append(worker) }
                return !state.isClosed
            }
        if !isKept { await end(worker) }
    }

    private func end(_ worker: WorkerProcess) async {
        await worker.end()
        state.withLock { state in _ = state.ids.remove(worker.id) }
    }
}
