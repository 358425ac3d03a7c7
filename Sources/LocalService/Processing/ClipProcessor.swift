import ClipModel
import Dispatch
import FoundationEssentials
import Synchronization
import SystemIO

/// Moves clips that are uploaded on to `Published`, or to `Error`: a few at once, each on one thread at a
/// time.
///
/// Where a clip is stands in the records only, and each step is a change from the state that it was in: a
/// step that comes twice, or after the clip was deleted, changes nothing.
final class ClipProcessor: Sendable {
    private let records: ClipRecords
    private let folders: Folders
    private let inspector: any ClipInspector
    private let delays: LocalService.Delays
    private let clock: any ServiceClock
    private let report: @Sendable (LocalServiceEvent) -> Void
    private let queues: [DispatchQueue]
    private let stopped = Atomic(false)
    /// Clips whose next step waits for somebody to make room on the disk.
    private let crowded = Locked<Set<String>>([])

    init(
        records: ClipRecords, folders: Folders, inspector: any ClipInspector,
        configuration: LocalService.Configuration
    ) {
        self.records = records
        self.folders = folders
        self.inspector = inspector
        delays = configuration.delays
        clock = configuration.clock
        report = configuration.report
        queues = (0..<max(1, configuration.processingThreads)).map {
            DispatchQueue(label: "clipship.service.processing-\($0)")
        }
    }

    /// Has the next step of a clip done, after the delay that its state takes.
    func schedule(_ id: String, in state: GameClipState) {
        guard let delay = delays[state] else { return }
        schedule(id, after: delay, failures: 0)
    }

    private func schedule(_ id: String, after delay: Duration, failures: Int) {
        let queue = queues[Int(UInt(bitPattern: id.hashValue) % UInt(queues.count))]
        clock.schedule(after: delay, on: queue) { [weak self] in
            guard let self, !stopped.load(ordering: .acquiring) else { return }
            step(id, failures: failures)
        }
    }

    /// The clip's next step found no room on the disk.
    func lacksRoom(for id: String) -> Bool { crowded.withLock { $0.contains(id) } }

    /// Starts no more steps and waits for those that are under way; the next start of the service goes on
    /// with the clips where they are.
    func stop() {
        stopped.store(true, ordering: .releasing)
        for queue in queues { queue.sync {} }
    }

    /// Does what is next for a clip; when that fails through no fault of the clip's, such as on a full disk, it is
    /// tried again: 2 s, 4 s, ... up to 256 s later.
    ///
    /// - Parameter failures: how often it has failed before.
    private func step(_ id: String, failures: Int) {
        do {
            guard let clip = try records.clip(id) else { return }
            switch clip.state {
            case .uploaded where clip.waitsForThumbnails: break
            case .uploaded: try advance(clip, to: .processing)
            case .processing: try inspect(clip)
            case .processed: try advance(clip, to: .publishing)
            case .publishing: try advance(clip, to: .published)
            default: break
            }
            crowded.withLock { _ = $0.remove(id) }
        } catch {
            crowded.withLock { crowded in
                if Refusal(error) == .full { crowded.insert(id) } else { crowded.remove(id) }
            }
            let delay = 2 << min(failures, 7)
            schedule(id, after: .seconds(delay), failures: failures + 1)
            report(.problem("clip \(id) could not be processed, and is tried again in \(delay) s: \(error)"))
        }
    }

    private func advance(_ clip: ClipRow, to state: GameClipState, failure: String? = nil) throws {
        guard try records.move(clip.id, from: clip.state, to: state, at: clock.now, failure: failure) else {
            return
        }
        report(.clip(id: clip.id, state: state, reason: failure))
        schedule(clip.id, in: state)
    }

    private func inspect(_ clip: ClipRow) throws {
        let offset: Int64 =
            clip.request.thumbnailSource == .offset
            ? Int64(clip.request.thumbnailOffsetMillseconds ?? 0) : ThumbnailRequest.usualOffset
        let thumbnails: ClipThumbnails
        do {
            thumbnails = try inspector.inspect(path: folders.clip(clip.id), offsetMilliseconds: offset)
        } catch let error as InspectionFailure {
            return try advance(clip, to: .error, failure: error.reason)
        }
        for (type, picture) in [(ThumbnailType.large, thumbnails.large), (.small, thumbnails.small)]
        where clip.thumbnailSize(type) == nil {
            try DurableFile.write(picture, to: folders.thumbnail(clip.id, type))
            _ = try records.setThumbnail(type, of: clip.id, size: Int64(picture.count), at: clock.now)
        }
        try advance(clip, to: .processed)
        // Deleted meanwhile: nothing of it stays.
        if try records.clip(clip.id)?.state == .deleted { folders.removeFiles(of: clip.id) }
    }
}
