import SystemIO
import ClipModel
import FoundationEssentials
import Journal
import Transport
import XboxServices

extension ClipSubmitter {
    /// Sends thumbnails first, for they are small, then blocks, several at a time; what is acknowledged is recorded at
    /// once. The record it returns is complete, or the call that failed is thrown when those under way are done.
    ///
    /// - Parameter place: Left for the next clip when the last block is on its way.
    func upload(
        _ blocks: [Int], _ thumbnails: [ThumbnailType], of clip: Clip, _ record: ClipRecord, leaving place: Slots.Place?
    ) async throws(ClipFailure) -> ClipRecord {
        observer.observe(.stage(clip: clip.name, .uploading))
        let upload: ClipUpload
        do throws(ClipFailure) {
            upload = ClipUpload(submitter: self, clip: clip, file: try clip.contents.open(), record: record)
            for type in thumbnails { try await send(type, with: upload, of: clip) }
            try await upload.send(blocks, atOnce: options.blocksInFlight, leaving: place)
        } catch {
            guard error.kind == .permanent else { throw error }
            throw try await giveUp(clip, record, because: error)
        }
        return try await upload.result()
    }

    /// A thumbnail that the service only may be given is worth a warning when it is refused, not the clip.
    private func send(_ type: ThumbnailType, with upload: ClipUpload, of clip: Clip) async throws(ClipFailure) {
        do {
            try await upload.send(type)
        } catch {
            let isRequired = clip.contents.manifest.request.thumbnailSource == .upload
            guard error.kind == .permanent, !isRequired else { throw error }
            observer.observe(.warning(clip: clip.name, "the \(type.rawValue.lowercased()) thumbnail: \(error)"))
            upload.leaveOut(type)
        }
    }

    /// An id that can't be used is removed. If it was the service that ended the upload, that stays in the journal: it
    /// may have its reasons, so another id is only asked for when the user says so.
    private func giveUp(
        _ clip: Clip, _ record: ClipRecord, because failure: ClipFailure
    ) async throws(ClipFailure) -> ClipFailure {
        guard let id = record.gameClipId else { return failure }
        switch failure.obstacle {
        case .certificate: return failure
        // Nothing is lost with an id that was given for a host which may not have the bytes. Blocks that are up would be.
        case .host where try await note({ try await journal.clip(clip.key) })?.acknowledgedBlocks.isEmpty == false:
            return failure
        case .host, nil: break
        }
        // Whatever ends this run on the way, the next one then looks for the id by its marker.
        if failure.status == nil {
            _ = try await note { try await journal.intend(clip.key, clip: clip.name, scid: clip.scid) }
        }
        // What can't be removed now is found in the next run; the failure to report is the first one.
        let isRemoved = (try? await client.deleteClip(id, scid: clip.scid)) != nil
        var failure = failure
        guard failure.status != nil else {
            if isRemoved { try await note { try await journal.forget(clip.key) } }
            return failure
        }
        guard isRemoved else {
            // The row keeps the id until it is gone.
            failure.kind = .temporary
            return failure
        }
        failure.reason += "; run again with --recreate to begin another upload"
        let reason = failure.reason
        _ = try await note { try await journal.reached(.failed, record, reason: reason) }
        return failure
    }
}

/// One clip's upload while it is under way.
private final class ClipUpload: Sendable {
    private let submitter: ClipSubmitter
    private let clip: ClipSubmitter.Clip
    private let file: OpenFile
    private let address: (upload: String, id: String, thumbnails: [ThumbnailType: String])
    private let state: Guarded<State>

    private struct State {
        var record: ClipRecord
        var acknowledged: Int64
        var isCommitted = false
    }

    init(submitter: ClipSubmitter, clip: ClipSubmitter.Clip, file: OpenFile, record: ClipRecord) {
        self.submitter = submitter
        self.clip = clip
        self.file = file
        address = (
            record.uploadUri ?? "", record.gameClipId ?? "",
            [.large: record.largeThumbnailUri ?? "", .small: record.smallThumbnailUri ?? ""]
        )
        let done = record.acknowledgedBlocks.map { clip.contents.size(ofBlock: $0) }.reduce(0, +)
        state = Guarded(State(record: record, acknowledged: done))
        report(done)
    }

    func send(_ type: ThumbnailType) async throws(ClipFailure) {
        guard !submitter.stop.isRaised else { throw .interrupted }
        let jpeg = try await clip.contents.thumbnail(type)
        let uri = address.thumbnails[type] ?? ""
        try await refreshingAddress { () throws(ServiceFailure) in
            try await submitter.client.putThumbnail(type, to: uri, jpeg: jpeg, window: clip.window)
        }
        let key = clip.key
        try await submitter.note { [submitter] in
            try await submitter.journal.acknowledged(thumbnail: type, of: key)
        }
        leaveOut(type)
    }

    /// Nothing more is to be done about a thumbnail in this run.
    func leaveOut(_ type: ThumbnailType) {
        state.withLock { _ = $0.record.acknowledgedThumbnails.insert(type) }
    }

    /// Sends blocks, `width` at a time; after a failure none is started, and those under way are waited for.
    func send(_ blocks: [Int], atOnce width: Int, leaving place: Slots.Place?) async throws(ClipFailure) {
        let failure = await withTaskGroup(of: ClipFailure?.self) { group in
            var waiting = blocks.makeIterator()
            var failure: ClipFailure?
            func start() {
                guard failure == nil, let block = waiting.next() else { return }
                group.addTask { [self] in
                    do throws(ClipFailure) {
                        try await send(block, leaving: block == blocks.last ? place : nil)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            for _ in 0..<width { start() }
            for await ended in group {
                failure = failure ?? ended
                start()
            }
            return failure
        }
        if let failure { throw failure }
    }

    private func send(_ block: Int, leaving place: Slots.Place?) async throws(ClipFailure) {
        let outcome = try await submitter.blocks.withSlot { () throws(ClipFailure) in
            // The wait may have been long.
            guard !submitter.stop.isRaised, !Task.isCancelled else { throw .interrupted }
            place?.leave()
            if let outcome = try await sendAsKnown(block) { return outcome }
            return try await sendChecked(block)
        }
        let key = clip.key
        try await submitter.note { [submitter] in try await submitter.journal.acknowledged(block: block, of: key) }
        let acknowledged = state.withLock { state in
            state.record.acknowledgedBlocks.insert(block)
            state.acknowledged += clip.contents.size(ofBlock: block)
            if outcome == .committed { state.isCommitted = true }
            return state.acknowledged
        }
        report(acknowledged)
    }

    /// Nil unless the file is known, and stays, what was hashed; what the service has got of the block by then is no block.
    private func sendAsKnown(_ block: Int) async throws(ClipFailure) -> BlockOutcome? {
        guard let body = await clip.contents.stampedBlock(block, of: file) else { return nil }
        return try await refreshingAddress { () throws(ServiceFailure) -> BlockOutcome? in
            do throws(ServiceFailure) {
                return try await put(block, body)
            } catch {
                guard error.isOfTheBody else { throw error }
                return nil
            }
        }
    }

    private func sendChecked(_ block: Int) async throws(ClipFailure) -> BlockOutcome {
        let bytes = try await clip.contents.block(block, of: file, in: submitter.buffers)
        return try await refreshingAddress { () throws(ServiceFailure) in try await put(block, .bytes(bytes)) }
    }

    private func put(_ block: Int, _ body: HTTPBody) async throws(ServiceFailure) -> BlockOutcome {
        try await submitter.client.putBlock(
            UInt32(clamping: block), to: address.upload, clipID: address.id, body: body, window: clip.window)
    }

    /// Makes a call to an address of the upload. Where it has expired (403), a `GET` of the clip has the service make it
    /// good again; until it is, the service answers 500, which is tried again like any other.
    private func refreshingAddress<Value>(
        _ send: () async throws(ServiceFailure) -> Value
    ) async throws(ClipFailure) -> Value {
        do throws(ServiceFailure) {
            return try await send()
        } catch {
            guard error.status == 403 else { throw ClipFailure(error) }
        }
        return try await submitter.call { () throws(ServiceFailure) in
            _ = try await submitter.client.clip(address.id, scid: clip.scid, window: clip.window)
            return try await send()
        }
    }

    /// The record of a complete upload; committed if the service said so.
    func result() async throws(ClipFailure) -> ClipRecord {
        let (record, isCommitted) = state.withLock { ($0.record, $0.isCommitted) }
        guard isCommitted else { return record }
        return try await submitter.note { [submitter] in try await submitter.journal.reached(.committed, record) }
    }

    private func report(_ acknowledged: Int64) {
        submitter.observer.observe(
            .progress(
                clip: clip.name, acknowledged: ByteCount(acknowledged),
                of: ByteCount(clip.contents.manifest.file.size)))
    }
}
