public import ClipModel
import Dispatch
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
    private let threads: BlockingPool
    private let ending = DispatchQueue(label: "clipship.media.ending")
    private let state: Locked<State>

    private struct State {
        var idle: [WorkerProcess] = []
        /// Of workers that have not been ended here.
        var ids: Set<Int32> = []
        var started = 0
        /// Workers are to have what HDR needs; that takes longer to load than all the rest, so not before there is some.
        var mapsColours = false
        var isClosed = false
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
        threads = BlockingPool("media", width: width)
        state = Locked(State())
    }

    /// Workers that were started so far, replaced ones too.
    public var startedWorkers: Int { state.withLock { $0.started } }

    /// The process ids of the workers.
    public var workerIDs: Set<Int32> { state.withLock { $0.ids } }

    /// To be called when files are to be expected: what the workers need is loaded while this process does other things.
    /// Waits for nothing.
    public func prepare() { forkServer.prepare() }

    /// Facts, and thumbnails if asked for, of a file; see `MediaEngine.examine`.
    ///
    /// Throws what the file is refused for; beside the engine's reasons, `deadlineExceeded`, `memoryLimit` and
    /// `workerCrashed` for a worker that had to be ended or ended by itself, and `workerUnavailable`, which is not the
    /// file's fault.
    public func examine(_ file: OpenFile, _ request: MediaRequest) async throws(MediaError) -> MediaAnswer {
        try await threads.run { () throws(MediaError) in try self.examineHere(file, request) }
    }

    /// The same, for threads that may be held; never to be called on Swift's cooperative pool.
    public func examineBlocking(_ file: OpenFile, _ request: MediaRequest) throws(MediaError) -> MediaAnswer {
        let result = Locked<Result<MediaAnswer, MediaError>?>(nil)
        let done = DispatchSemaphore(value: 0)
        Task {
            let answer = await threads.result { () throws(MediaError) in try self.examineHere(file, request) }
            result.withLock { $0 = answer }
            done.signal()
        }
        done.wait()
        guard let answer = result.withLock({ $0 }) else { throw .unavailable("no answer") }
        return try answer.get()
    }

    /// Ends all workers, those at work when they are done. No more are started. May be called several times.
    public func close() async {
        await withCheckedContinuation { continuation in
            ending.async {
                self.endIdle()
                continuation.resume()
            }
        }
    }

    deinit {
        endIdle()
    }
}

// MARK: - Workers, one for each thread

extension MediaWorkerPool {
    /// On a thread that may be held, one of `width`.
    private func examineHere(_ file: OpenFile, _ request: MediaRequest) throws(MediaError) -> MediaAnswer {
        do {
            let worker = try worker()
            defer { putBack(worker) }
            do throws(MediaError) { return try worker.examine(file, request) } catch {
                guard error.kind == .needsColourMapping, !worker.mapsColours else { throw error }
                state.withLock { $0.mapsColours = true }
            }
        }
        return try examineHere(file, request)
    }

    private func worker() throws(MediaError) -> WorkerProcess {
        var mapsColours = false
        while let worker = try state.withLock({ (state) throws(MediaError) in
            guard !state.isClosed else { throw .unavailable("the pool is closed") }
            mapsColours = state.mapsColours
            return state.idle.popLast()
        }) {
            if worker.isReady, worker.mapsColours || !mapsColours { return worker }
            end(worker)
        }
        let worker = try WorkerProcess(forkServer, mapsColours: mapsColours, limits)
        state.withLock { state in
            state.started += 1
            state.ids.insert(worker.id)
        }
        for protection in forkServer.firstTold(worker.missing) { report(protection.absence) }
        return worker
    }

    private func putBack(_ worker: WorkerProcess) {
        let isKept =
            worker.isReady
            && state.withLock { state in
                if !state.isClosed { state.idle.append(worker) }
                return !state.isClosed
            }
        if !isKept { end(worker) }
    }

    private func endIdle() {
        let idle = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
        for worker in idle { end(worker) }
        forkServer.closeIfIdle()
    }

    private func end(_ worker: WorkerProcess) {
        worker.end()
        state.withLock { state in _ = state.ids.remove(worker.id) }
    }
}
