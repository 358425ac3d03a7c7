import ClipModel
import Journal

extension ClipSubmission {
    /// What is next, by the record.
    mutating func decide(_ now: Duration) -> [Action] {
        if purpose == .withdrawal { return withdraw(now) }
        guard let record else { return purpose == .check ? follow([.succeed], now) : ask(now) }
        let isComplete = record.state == .committed || record.state == .published
        if isComplete, !hasChecked, purpose == .check || rules.checksPublished {
            hasChecked = true
            return follow(turnToWatch + [.list(.forCheck)], now)
        }
        guard purpose == .publication else {
            return follow([record.state == .failed ? .fail(Self.ended(record)) : .succeed], now)
        }
        switch record.state {
        case .intended:
            mayHaveStray = true
            return follow(turnToSend + waitForRequest(now) + [.list(.afterLostAnswer)], now)
        case .requested:
            return upload(record, now)
        case .committed where rules.goal == .published:
            return watchOwn(record, now)
        case .committed, .published:
            return complete(record, now)
        case .failed:
            guard rules.recreates, !hasRecreated else { return finish(Self.ended(record)) }
            hasRecreated = true
            return beginAnew(record, now)
        }
    }

    /// Whether nothing is left to do for a clip, so that no submission has to be begun; nil if there is something.
    ///
    /// - Parameter digests: What would be submitted; nil where that isn't known.
    static func end(of record: ClipRecord, _ digests: SubmissionDigests?, _ options: SubmitOptions) -> Outcome? {
        switch record.state {
        case .intended, .requested: return nil
        case .committed where options.waitFor == .published: return nil
        case .failed:
            return options.recreates ? nil : .failure(ended(record))
        case .committed, .published:
            guard !options.checksPublished, record.unanswered == nil else { return nil }
            guard let asked = record.digests else { return .success }
            guard let digests else { return nil }
            return asked.request == digests.request && asked.changeable == digests.changeable ? .success : nil
        }
    }

    private func date(_ now: Duration) -> Timestamp {
        Timestamp(seconds: rules.start.seconds + now.components.seconds)
    }

    /// What the run before has asked for may be on its way, held by something between here and the service.
    private mutating func waitForRequest(_ now: Duration) -> [Step] {
        guard let unanswered, !hasWaitedForRequest else { return [] }
        hasWaitedForRequest = true
        let since = Duration.seconds(max(0, date(now).seconds - unanswered.seconds))
        return since < rules.polling.arrival ? [.pause(.exactly(rules.polling.arrival - since))] : []
    }

    /// After a look that was late enough nothing can come any more, and later runs need not look again.
    mutating func settle(_ now: Duration) -> [Step] {
        guard let asked = unanswered, var record, isSettled(asked, now) else { return [] }
        unanswered = nil
        record.unanswered = nil
        return [.note(.keep(record))]
    }

    func isSettled(_ asked: Timestamp, _ now: Duration) -> Bool {
        date(now).seconds - asked.seconds >= rules.polling.latestArrival.components.seconds
    }

    /// The record of an id that is about to be asked for.
    func intent(_ now: Duration) -> ClipRecord {
        var intent = ClipRecord(key: order.key, clip: order.name, scid: order.scid, state: .intended)
        intent.digests = order.digests
        intent.unanswered = date(now)
        return intent
    }

    private var turnToSend: [Step] {
        let lane: Queue = order.blockCount <= rules.blocksOfShort ? .short : .long
        return queue == lane ? [] : [.turn(lane)]
    }

    private var turnToWatch: [Step] { queue == .watched ? [] : [.turn(.watched)] }

    /// Asks for an id, unless the service has the clip.
    mutating func ask(_ now: Duration) -> [Action] {
        follow(turnToSend + [.list(.beforeRequest)], now)
    }

    /// Removes what is left of an upload, then asks again; an upload that turns out to be complete stays.
    mutating func beginAnew(_ record: ClipRecord, _ now: Duration) -> [Action] {
        // A list of a moment ago may still show what is removed now.
        hasLooked = true
        let removal: [Step] =
            record.gameClipId.map { id in
                record.state == .requested ? [.inspect(id, .removal(.anew))] : [.delete(id, .anew)]
            } ?? []
        return follow(removal + [.note(.forget())], now)
    }

    private mutating func upload(_ record: ClipRecord, _ now: Duration) -> [Action] {
        // Without the address the id can't be used.
        guard record.uploadUri != nil, record.gameClipId != nil else { return beginAnew(record, now) }
        if let difference = difference(record) {
            return [.say("\(difference); its upload starts over")] + beginAnew(record, now)
        }
        // A list that may be blind must not let anything go up.
        guard record.isConfirmed || listShows || unsent(record).isEmpty else {
            return follow(turnToSend + [.list(.afterRequest)], now)
        }
        return unsent(record).isEmpty ? watchOwn(record, now) : follow(turnToSend + [.open, .send], now)
    }

    /// Why what is up is not what would be sent now; nil if it is.
    private func difference(_ record: ClipRecord) -> String? {
        let blocks = 0..<order.blockCount
        let isDividedAsNow =
            (record.blockSize ?? order.blockSize) == order.blockSize
            && (record.expectedBlocks ?? order.blockCount) == order.blockCount
            && record.acknowledgedBlocks.allSatisfy(blocks.contains)
        guard isDividedAsNow else { return "the clip is divided in another way than when its upload began" }
        guard let asked = record.digests else { return nil }
        if asked.contents != order.digests.contents { return "what goes up is not what it was when its upload began" }
        let isAskedForAsNow = asked.request == order.digests.request && asked.changeable == order.digests.changeable
        return isAskedForAsNow ? nil : "its manifest says something else than when its upload began"
    }

    mutating func watchOwn(_ record: ClipRecord, _ now: Duration) -> [Action] {
        guard let id = record.gameClipId else { return beginAnew(record, now) }
        if watch.since == nil { watch.since = now }
        return follow(turnToWatch + [.inspect(id, .own)], now)
    }

    mutating func watchRival(_ rival: RemoteClip, _ now: Duration) -> [Action] {
        watch = Watch(since: now, wait: rules.polling.first)
        return follow(turnToWatch + [.inspect(rival.id, .rival(rival, now))], now)
    }

    /// The service has every byte: what can still be changed is brought up to date.
    private mutating func complete(_ record: ClipRecord, _ now: Duration) -> [Action] {
        var said: [Action] = []
        if let asked = record.digests, let id = record.gameClipId {
            if asked.changeable != order.digests.changeable, rules.whenChanged == .update, record.isOwn, !hasUpdated {
                var updated = record
                updated.digests?.changeable = order.digests.changeable
                return follow([.update(id), .note(.keep(updated))], now)
            }
            if let warning = changes(record, asked), !hasToldOfChanges {
                hasToldOfChanges = true
                said = [.say(warning)]
            }
        }
        if mayHaveStray {
            mayHaveStray = false
            return said + follow([.list(.forStrays)], now)
        }
        return said + follow([.succeed], now)
    }

    private mutating func withdraw(_ now: Duration) -> [Action] {
        guard let record else { return follow([.succeed], now) }
        guard let id = record.gameClipId else { return follow([.list(.forWithdrawal)], now) }
        return follow([.inspect(id, .withdrawal)], now)
    }

    /// An id was issued; the journal knows before anything else happens.
    mutating func issued(_ answer: InitialUploadResponse, _ now: Duration) -> [Action] {
        var record = ClipRecord(key: order.key, clip: order.name, scid: order.scid, state: .requested)
        record.gameClipId = answer.gameClipId
        record.uploadUri = answer.uploadUri
        record.largeThumbnailUri = answer.largeThumbnailUri
        record.smallThumbnailUri = answer.smallThumbnailUri
        record.expectedBlocks = order.blockCount
        record.blockSize = order.blockSize
        record.digests = order.digests
        unlistedSince = nil
        hasChecked = true
        return follow([.note(.keep(record))], now)
    }
}
