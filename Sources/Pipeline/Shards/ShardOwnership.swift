import ClipModel
import FoundationEssentials
import Journal
public import SystemIO

/// The right to work off a shard, which one process has at a time.
///
/// Each life makes an owner file with the next number, which only one can (`link`). Whoever sees a higher number than its own
/// is of the past: it stops, and what it does before it notices is in a folder that nobody looks at any more, unless
/// its successor knew for certain that it was over. No lock is needed, which a network disk may keep within one node.
public final class ShardOwnership: Sendable {
    public let folder: ShardFolder
    /// The folder to work in.
    public let work: OutputFolder
    private let record: Locked<ShardOwner>
    /// Once lost, always lost.
    private let loss = Locked(false)

    /// How long a life may give no sign before another one takes over, and how often it gives one.
    public struct Timing: Sendable {
        public var beat: Duration = .seconds(5)
        public var patience: Duration = .seconds(30)

        public init() {}
    }

    private init(_ folder: ShardFolder, _ record: ShardOwner) {
        self.folder = folder
        work = folder.work(record.work)
        self.record = Locked(record)
    }

    public var epoch: Int { record.withLock { $0.epoch } }

    /// Whether no later life has taken over (`stat`).
    ///
    /// - Throws: `FileError` where that can't be looked at; then there may be one.
    public func isHeld() throws(FileError) -> Bool {
        if loss.withLock({ $0 }) { return false }
        do throws(FileError) {
            _ = try FileIdentity(of: folder.owner(epoch + 1))
        } catch {
            guard error.isNotFound else { throw error }
            return true
        }
        loss.withLock { $0 = true }
        return false
    }
}

// MARK: - Beginning

extension ShardOwnership {
    /// Takes a shard, if nobody else is at work on it; waits for a sign of life of whoever may be.
    ///
    /// - Parameters:
    ///   - needsJournal: What an earlier life has asked the service for must be known.
    ///   - stop: Ends the waiting.
    public static func take(
        _ shard: ShardPlan, job: ShardJob, needsJournal: Bool, timing: Timing = Timing(), stop: StopSignal,
        clock: any Clock<Duration> = ContinuousClock()
    ) async throws -> ShardOwnership {
        let folder = ShardFolder(of: shard.number, in: shard.file.output)
        try Folder.make(folder.path)
        while true {
            let last = try folder.lastOwner()
            if let last {
                guard last.plan == shard.file.digest else { throw ShardError.ofAnotherPlan(path: folder.path) }
                try await wait(for: last, in: folder, job, timing, stop, clock)
            }
            let epoch = (last?.epoch ?? 0) + 1
            let isOver = last.map { $0.exitCode != nil || $0.process.isOver } ?? true
            let now = Timestamp(Date())
            let earlier = try folder.lastWork()
            // One that was ended before it had taken over what was there has no folder.
            let staysThere = isOver && earlier != nil && earlier == last?.work
            let record = ShardOwner(
                plan: shard.file.digest, epoch: epoch, work: staysThere ? last?.work ?? epoch : epoch, process: .own,
                job: job, since: now, lastBeat: now)
            let text = try CanonicalJSON.document(record)
            // Somebody else may have been faster.
            guard try DurableFile.writeNew(text.bytes, to: folder.owner(epoch)) else { continue }
            let ownership = ShardOwnership(folder, record)
            if !staysThere, let earlier {
                try await ownership.inherit(from: folder.work(earlier), needsJournal: needsJournal)
            }
            return ownership
        }
    }

    /// Returns when the last life is over or given up.
    private static func wait(
        for last: ShardOwner, in folder: ShardFolder, _ job: ShardJob, _ timing: Timing, _ stop: StopSignal,
        _ clock: any Clock<Duration>
    ) async throws {
        if last.exitCode != nil || last.process.isOver || job.succeeds(last.job) { return }
        var waited = Duration.zero
        while waited < timing.patience, !stop.isRaised {
            await stop.sleep(for: timing.beat, clock: clock)
            waited += timing.beat
            let now = try folder.lastOwner()
            if now?.exitCode != nil || now?.process.isOver == true { return }
            guard now?.epoch == last.epoch, now?.beats == last.beats else {
                throw ShardError.held(shard: folder.number, by: (now ?? last).description)
            }
        }
        if stop.isRaised { throw RunError.stopped(.interrupted) }
    }

    /// Takes what an earlier life has made, which may still be there and write to its own folder.
    private func inherit(from earlier: OutputFolder, needsJournal: Bool) async throws {
        // It is there as a whole or not at all.
        let (work, part) = (work, OutputFolder("\(folder.path)/taking-over-\(epoch)"))
        try Folder.make(part.path)
        do {
            try await Journal(path: part.journal, service: "none").absorb(earlier.journal)
        } catch {
            // Without it clips are prepared once more, which is all where nothing is submitted.
            guard !needsJournal else { throw ShardError.unreadable(path: earlier.journal, "\(error)") }
        }
        try await BlockingPool("inheriting", width: 1).run {
            try FolderCopy(from: earlier, to: part).copyMade()
            try Folder.rename(part.path, to: work.path)
        }
    }
}

// MARK: - Going on and ending

extension ShardOwnership {
    /// Gives a sign of life now and then until the task is cancelled; raises `stop` when a later life has taken over.
    public func keepAlive(_ timing: Timing = Timing(), stop: StopSignal) async {
        let writing = BlockingPool("owner", width: 1)
        while !Task.isCancelled {
            // Cancelled, it ends at once.
            try? await Task.sleep(for: timing.beat)
            guard !Task.isCancelled else { return }
            let isOver = await writing.run {
                // Where that can't be looked at, no sign is given: whoever takes over then is seen later.
                guard let isHeld = try? self.isHeld() else { return false }
                if isHeld { self.write { $0.beats += 1 } }
                return !isHeld
            }
            if isOver {
                stop.raise()
                return
            }
        }
    }

    /// Counts clips as they end, for others to read with the next sign of life.
    public func counting(for observer: any BatchObserver) -> any BatchObserver {
        ShardCounter(observer: observer) { [record] state in
            record.withLock { $0.totals = ($0.totals ?? [:]).merging([state.rawValue: 1], uniquingKeysWith: +) }
        }
    }

    /// Says how this life ended; nothing is written any more after that.
    public func end(_ exitCode: Int32) {
        // Where that can't be looked at, the end shows by the process, or by the signs of life that are not given.
        guard let isHeld = try? isHeld(), isHeld else { return }
        write { $0.exitCode = exitCode }
    }

    private func write(_ change: (inout ShardOwner) -> Void) {
        let record = record.withLock { record in
            change(&record)
            record.lastBeat = Timestamp(Date())
            return record
        }
        // A sign that can't be written is given the next time.
        guard let text = try? CanonicalJSON.document(record) else { return }
        try? DurableFile.write(text, to: folder.owner(record.epoch))
    }
}

private struct ShardCounter: BatchObserver {
    let observer: any BatchObserver
    let count: @Sendable (BatchReport.State) -> Void

    func observe(_ event: BatchEvent) {
        if case .finished(let entry, _, _) = event { count(entry.state) }
        observer.observe(event)
    }
}
