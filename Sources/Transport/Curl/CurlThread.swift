import CCurl

/// The transport's thread: takes jobs, runs as many at a time as there are connections, and ends them.
struct CurlThread {
    private let loop: CurlLoop
    private let configuration: CurlConfiguration
    private let origin = ContinuousClock.now
    private var queue: [Job] = []
    private var active: [UnsafeMutableRawPointer: Transfer] = [:]
    private var limit: UploadLimit
    private var checkedAt: Duration?

    init(_ loop: CurlLoop, _ configuration: CurlConfiguration) {
        self.loop = loop
        self.configuration = configuration
        limit = UploadLimit(configuration.uploadLimit)
    }

    /// Works until the loop is closed.
    consuming func run() {
        if let multi = MultiHandle(connections: configuration.connections) {
            loop.setSleeper(multi.pointer)
            work(multi)
            loop.setSleeper(nil)
        }
        loop.noteEnd()
    }

    private mutating func work(_ multi: borrowing MultiHandle) {
        while true {
            let (commands, isClosed) = loop.takeCommands()
            for command in commands { obey(command, multi) }
            guard !isClosed else { break }
            limit.renew(at: origin.duration(to: .now))
            admit(multi)
            limit.share(among: active.values)
            multi.perform()
            while let (easy, code) = multi.nextFinished() {
                end(easy, multi) { $0.outcome(code) }
            }
            let wait = min(timeToNextCheck(multi), limit.validity)
            if queue.isEmpty || active.count >= configuration.connections { multi.wait(atMost: wait) }
        }
        for easy in active.keys { end(easy, multi) { .failure($0.error(.closed)) } }
        for job in queue { job.fail(.closed) }
    }

    private mutating func obey(_ command: CurlLoop.Command, _ multi: borrowing MultiHandle) {
        switch command {
        case .start(let job): queue.append(job)
        case .cancel(let ticket):
            if let index = queue.firstIndex(where: { $0.ticket == ticket }) {
                queue.remove(at: index).fail(.cancelled)
            } else if let easy = active.first(where: { $0.value.job.ticket == ticket })?.key {
                end(easy, multi) { .failure($0.error(.cancelled)) }
            }
        }
    }

    /// Starts waiting jobs while there are connections. The queue is ours because libcurl counts the time in
    /// its own against the limit for connecting.
    private mutating func admit(_ multi: borrowing MultiHandle) {
        let count = min(queue.count, configuration.connections - active.count)
        for job in queue.prefix(count) {
            do throws(CurlFailure) {
                let transfer = try Transfer(job, limit.applied(to: configuration), origin: origin)
                guard multi.add(transfer.easy) else { throw CurlFailure(code: CURLE_OUT_OF_MEMORY) }
                active[transfer.easy.pointer] = transfer
            } catch {
                job.fail(error.kind(wasSent: false), error.text)
            }
        }
        queue.removeFirst(count)
    }

    /// Checks the transfers if it is time to, and says when the next time is.
    private mutating func timeToNextCheck(_ multi: borrowing MultiHandle) -> Duration {
        let now = origin.duration(to: .now)
        if let checkedAt, now < checkedAt + Self.checkInterval { return checkedAt + Self.checkInterval - now }
        checkedAt = now
        return checkTransfers(multi, at: now)
    }

    /// A check of all transfers costs as much as sending a piece of one.
    private static let checkInterval = Duration.milliseconds(10)

    /// How often it is looked how much has left while nothing else happens.
    private static let reportInterval = Duration.milliseconds(200)

    /// Ends what has stalled, and says how long nothing else can.
    private mutating func checkTransfers(_ multi: borrowing MultiHandle, at now: Duration) -> Duration {
        var wait = Duration.seconds(60)
        for (easy, transfer) in active {
            if let error = transfer.check(at: now) {
                end(easy, multi) { _ in .failure(error) }
            } else {
                if let deadline = transfer.deadline { wait = min(wait, deadline - now) }
                // Nothing wakes libcurl while the system sends what it was handed.
                if transfer.hasUnreportedBytes { wait = min(wait, Self.reportInterval) }
            }
        }
        return wait
    }

    private mutating func end(
        _ easy: UnsafeMutableRawPointer, _ multi: borrowing MultiHandle,
        with outcome: (Transfer) -> Result<HTTPResponse, TransportError>
    ) {
        guard let transfer = active.removeValue(forKey: easy) else { return }
        let result = outcome(transfer)
        multi.remove(transfer.easy)
        transfer.job.continuation.resume(returning: result)
    }
}
