import ClipModel
import FoundationEssentials
import Journal
import SystemIO
import XboxServices

/// One clip on its way: what its actions need besides the machine.
final class ClipTransfer: Sendable {
    let driver: SubmissionDriver
    let order: ClipSubmission.Order
    /// All calls about one clip are one effort.
    let window = RetryWindow()
    let contents: ClipContents?
    private let state: Locked<State>

    private struct State {
        var permit: AsyncSemaphore.Permit?
        var file: OpenFile?
        var attempts: RequestAttempts
        /// What the service was told last, and where parts go.
        var record: ClipRecord?
        /// What the service has acknowledged, and what has left of the blocks that it has not.
        var acknowledged: Int64 = 0
        var underWay: [Int: Int64] = [:]

        var sent: ByteCount { ByteCount(acknowledged + underWay.values.reduce(0, +)) }
    }

    init(driver: SubmissionDriver, order: ClipSubmission.Order, contents: ClipContents?, record: ClipRecord?) {
        self.driver = driver
        self.order = order
        self.contents = contents
        self.state = Locked(State(attempts: RequestAttempts(for: driver.target.retryTime), record: record))
    }

    /// Gives its turn to the next clip.
    func leave() {
        state.withLock { $0.permit.take() }?.release()
    }

    /// Carries out an action that is answered by an event.
    func perform(_ action: ClipSubmission.Action) async -> ClipSubmission.Event {
        if case .send(let part, let isLast) = action {
            do throws(ClipFailure) {
                return .sent(part, isCommitted: try await send(part, leaving: isLast))
            } catch {
                return .sendFailed(part, error)
            }
        }
        do throws(ClipFailure) {
            return try await answer(to: action)
        } catch {
            return .failed(error)
        }
    }

    private func answer(to action: ClipSubmission.Action) async throws(ClipFailure) -> ClipSubmission.Event {
        switch action {
        case .enter(let queue):
            leave()
            let permit = await driver.lanes[queue]?.acquire()
            state.withLock { $0.permit = permit }
            return .permitted
        case .open:
            _ = try open()
            return .opened
        case .list(let age):
            return .listed(try await list(age))
        case .inspect(let id):
            let found = try await call { () throws(ServiceFailure) in
                try await self.driver.client.clipIfThere(id, scid: self.order.scid, window: self.window)
            }
            return .inspected(try found.flatMap { (clip) throws(ClipFailure) in try remote(clip) })
        case .delete(let id):
            try await call { () throws(ServiceFailure) in
                _ = try await self.driver.client.deleteClip(id, scid: self.order.scid)
            }
            return .deleted
        case .note(let note):
            try await write(note)
            return .noted
        case .request:
            return .issued(try await request())
        case .update(let id):
            try await update(id)
            return .updated
        case .pause(let pause):
            try await wait(pause)
            return .waited
        case .send, .leave, .stage, .say, .trust, .finish:
            return .noted
        }
    }
}

// MARK: - The service

extension ClipTransfer {
    private func list(_ age: ClipSubmission.ListAge) async throws(ClipFailure) -> ClipSubmission.Listing {
        let (key, scid) = (order.key, order.scid)
        let found = try await call { () throws(ServiceFailure) in
            try await self.driver.index.clips(of: key, scid: scid, age)
        }
        var clips: [ClipSubmission.RemoteClip] = []
        for clip in found.clips { if let clip = try remote(clip) { clips.append(clip) } }
        return ClipSubmission.Listing(clips: clips, trust: found.trust)
    }

    private func remote(_ clip: WithUnknownFields<GameClip>) throws(ClipFailure) -> ClipSubmission.RemoteClip? {
        do {
            return try ClipSubmission.RemoteClip(
                clip, now: driver.date(), manifest: contents?.manifest)
        } catch {
            throw ClipFailure(.temporary, "what the service says of the clip can't be compared: \(error)")
        }
    }

    /// Asks for an id, with a marker that says who asks, and when.
    private func request() async throws(ClipFailure) -> InitialUploadResponse {
        guard let manifest = contents?.manifest else { throw .interrupted }
        var body = manifest.request
        var marker = ClipMarker(key: order.key, beside: ClipMarker(in: body.systemProperties)?.systemProperties)
        marker.owner = driver.journal.owner
        marker.asked = driver.date()
        body.systemProperties = marker.text
        let request = body
        do throws(ServiceFailure) {
            let answer = try await driver.client.initiateUpload(scid: order.scid, request, window: window)
            var stored = answer.known
            stored.uploadUri = driver.target.stored(stored.uploadUri) ?? stored.uploadUri
            stored.largeThumbnailUri = driver.target.stored(stored.largeThumbnailUri)
            stored.smallThumbnailUri = driver.target.stored(stored.smallThumbnailUri)
            return stored
        } catch {
            if case .reconcile = error.recovery { state.withLock { $0.attempts.noteLostAnswer(error) } }
            throw ClipFailure(error)
        }
    }

    private func update(_ id: String) async throws(ClipFailure) {
        guard let request = contents?.manifest.request.known else { throw .interrupted }
        let members = ChangeableMembers(request)
        let update = ClipUpdate(
            userCaption: members.userCaption, visibility: members.visibility, titleData: members.titleData)
        try await call { () throws(ServiceFailure) in
            try await self.driver.client.updateClip(id, scid: self.order.scid, update)
        }
    }

    private func wait(_ pause: ClipSubmission.Pause) async throws(ClipFailure) {
        switch pause {
        case .exactly(let duration):
            await driver.stop.sleep(for: duration, clock: driver.clock)
        case .backOff:
            let wait = try state.withLock { (state) throws(ClipFailure) in try state.attempts.waitBeforeLooking() }
            if let wait { await driver.stop.sleep(for: wait, clock: driver.clock) }
        }
    }

    private func call<Value: Sendable>(
        _ call: @Sendable () async throws(ServiceFailure) -> Value
    ) async throws(ClipFailure) -> Value {
        do throws(ServiceFailure) { return try await call() } catch { throw ClipFailure(error) }
    }
}

// MARK: - The journal

extension ClipTransfer {
    private func write(_ note: ClipSubmission.Note) async throws(ClipFailure) {
        do {
            switch note {
            case .keep(let record):
                try await driver.journal.save(record)
                state.withLock { $0.record = record }
            case .confirm:
                try await driver.journal.confirmed(order.key)
            case .forget(let unanswered):
                try await driver.journal.forget(order.key, unanswered: unanswered)
                state.withLock { $0.record = nil }
            }
        } catch {
            throw ClipFailure(journal: error)
        }
    }
}

// MARK: - Parts

extension ClipTransfer {
    private func open() throws(ClipFailure) -> OpenFile {
        if let file = state.withLock({ $0.file }) { return file }
        guard let contents else { throw .interrupted }
        let file = try contents.open()
        state.withLock { $0.file = file }
        return file
    }

    /// Sends a part and keeps its acknowledgement; whether it was the last that was missing.
    private func send(_ part: ClipSubmission.Part, leaving isLast: Bool) async throws(ClipFailure) -> Bool {
        guard let contents, let record = state.withLock({ $0.record }) else { throw .interrupted }
        let file = try open()
        let sender = PartSender(transfer: self, contents: contents, file: file, record: record)
        let key = order.key
        switch part {
        case .thumbnail(let type):
            guard !driver.stop.isRaised else { throw .interrupted }
            if isLast { leave() }
            try await sender.send(type)
            try await keep { try await $0.acknowledged(thumbnail: type, of: key) }
            return false
        case .block(let number):
            let outcome = try await driver.blocks.withPermit(of: key) { () throws(ClipFailure) in
                // The wait may have been long.
                guard !driver.stop.isRaised, !Task.isCancelled else { throw .interrupted }
                if isLast { leave() }
                return try await sender.send(block: number)
            }
            driver.blocks.noteSuccess()
            try await keep { try await $0.acknowledged(block: number, of: key) }
            return outcome == .committed
        }
    }

    private func keep(_ write: @Sendable (Journal) async throws -> Void) async throws(ClipFailure) {
        do { try await write(driver.journal) } catch { throw ClipFailure(journal: error) }
    }

    /// Tells how much of a block has left; nil where it has to be sent again.
    func noteSent(_ bytes: Int64?, ofBlock number: Int) {
        let sent = state.withLock { state in
            state.underWay[number] = bytes
            return state.sent
        }
        driver.observer.observe(.sent(clip: order.name, sent))
    }

    /// Tells how much of the clip the service has acknowledged.
    func report(_ record: ClipRecord?) {
        guard let contents, let record else { return }
        let done = record.acknowledgedBlocks.map { contents.size(ofBlock: $0) }.reduce(0, +)
        let sent = state.withLock { state in
            state.acknowledged = done
            state.underWay = state.underWay.filter { !record.acknowledgedBlocks.contains($0.key) }
            return state.sent
        }
        driver.observer.observe(.sent(clip: order.name, sent))
        driver.observer.observe(
            .progress(
                clip: order.name, acknowledged: ByteCount(done), of: ByteCount(contents.manifest.file.size)))
    }
}
