import ClipModel
import Journal

extension ClipSubmission {
    /// Thumbnails first, for they are small.
    func unsent(_ record: ClipRecord) -> [Part] {
        let offered: [(ThumbnailType, String?)] = [
            (.large, record.largeThumbnailUri), (.small, record.smallThumbnailUri),
        ]
        let done = record.acknowledgedThumbnails.union(sending.leftOut)
        let thumbnails = offered.filter { $1 != nil && !done.contains($0) }.map { Part.thumbnail($0.0) }
        let blocks = (0..<order.blockCount).filter { !record.acknowledgedBlocks.contains($0) }
        return thumbnails + blocks.map(Part.block)
    }

    mutating func beginSending() -> [Action] {
        sending = Sending(waiting: record.map(unsent) ?? [], leftOut: sending.leftOut)
        guard record?.isConfirmed == false else { return sendMore() }
        sending.rivals = .asking
        return [.list(.new)] + sendMore()
    }

    /// Thumbnails one after the other, blocks several at a time; nothing after a failure.
    private mutating func sendMore() -> [Action] {
        var actions: [Action] = []
        while sending.mayBegin, !isStopping, let part = sending.waiting.first {
            guard case .block = part else {
                guard sending.inFlight.isEmpty else { break }
                sending.waiting.removeFirst()
                sending.inFlight.insert(part)
                actions.append(.send(part, leaving: sending.waiting.isEmpty))
                break
            }
            let isAlone = sending.inFlight.allSatisfy { if case .block = $0 { true } else { false } }
            guard isAlone, sending.inFlight.count < rules.blocksInFlight else { break }
            guard sending.rivals == .done || sending.waiting.count > 1 else { break }
            sending.waiting.removeFirst()
            sending.inFlight.insert(part)
            actions.append(.send(part, leaving: sending.waiting.isEmpty))
        }
        return actions
    }

    mutating func sent(_ part: Part, _ isCommitted: Bool, _ now: Duration) -> [Action] {
        guard sending.inFlight.remove(part) != nil else { return [] }
        switch part {
        case .thumbnail(let type): record?.acknowledgedThumbnails.insert(type)
        case .block(let number): record?.acknowledgedBlocks.insert(number)
        }
        sending.isCommitted = sending.isCommitted || isCommitted
        return goOnSending(now)
    }

    /// A thumbnail that the service only may be given is worth a warning when it is refused, not the clip.
    mutating func sendFailed(_ part: Part, _ failure: ClipFailure, _ now: Duration) -> [Action] {
        guard sending.inFlight.remove(part) != nil else { return [] }
        if case .thumbnail(let type) = part, failure.kind == .permanent, failure.isOfTheClip,
            !order.needsThumbnails, failure.status != 404, failure.status != 410
        {
            sending.leftOut.insert(type)
            return [.say("the \(type.rawValue.lowercased()) thumbnail: \(failure)")] + goOnSending(now)
        }
        sending.failure = sending.failure ?? failure
        return goOnSending(now)
    }

    private mutating func goOnSending(_ now: Duration) -> [Action] {
        let more = sendMore()
        guard more.isEmpty, sending.inFlight.isEmpty, let record else { return more }
        switch sending.rivals {
        case .asking, .noting: return []
        case .found(let listing): return listed(listing, .afterRequest, now)
        case .failed(let failure): return finish(failure)
        case .done: break
        }
        if sending.isCommitted {
            queue = nil
            watch = Watch(since: now, wait: rules.polling.first)
            var committed = record
            committed.state = .committed
            return [.leave] + follow([.note(.keep(committed))], now)
        }
        if let failure = sending.failure { return refused(failure, record, now) }
        guard sending.waiting.isEmpty else { return finish(.interrupted) }
        queue = nil
        watch = Watch(since: now, wait: rules.polling.first)
        return [.leave] + next(now)
    }
}

// MARK: - Whether somebody was there before

extension ClipSubmission {
    /// Where nobody was, blocks go on; whatever else has to be done waits until no part is on its way.
    mutating func listedWhileSending(_ listing: Listing, _ now: Duration) -> [Action] {
        guard sending.rivals == .asking else { return [] }
        hasLooked = true
        var decided = self
        let actions = decided.listed(listing, .afterRequest, now)
        guard decided.step == .note(.confirm), decided.script.isEmpty else {
            sending.rivals = .found(listing)
            return goOnSending(now)
        }
        sending.rivals = .noting
        return actions
    }

    mutating func confirmedWhileSending(_ now: Duration) -> [Action] {
        guard sending.rivals == .noting else { return [] }
        sending.rivals = .done
        record?.isConfirmed = true
        return goOnSending(now)
    }

    mutating func checkFailed(_ failure: ClipFailure, _ now: Duration) -> [Action] {
        guard sending.rivals == .asking || sending.rivals == .noting else { return [] }
        sending.rivals = .failed(failure)
        return goOnSending(now)
    }
}

extension ClipSubmission.Sending {
    fileprivate var mayBegin: Bool {
        switch rivals {
        case .done, .asking, .noting: failure == nil
        case .found, .failed: false
        }
    }
}
