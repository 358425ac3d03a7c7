import ClipModel
import Journal

extension ClipSubmission {
    /// Takes in what has happened.
    ///
    /// - Parameter now: On the driver's clock.
    /// - Returns: What is to be done. An event that the step under way can't end with changes nothing.
    mutating func handle(_ event: Event, at now: Duration) -> [Action] {
        switch (step, event) {
        case (_, .stop):
            isStopping = true
            return []
        case (.idle, .start(let record)):
            self.record = record
            unanswered = record?.unanswered ?? unanswered
            mayHaveStray = unanswered != nil
            return next(now)
        case (.turn(let queue), .permitted):
            self.queue = queue
            return next(now)
        case (.open, .opened), (.delete, .deleted), (.pause, .waited):
            return next(now)
        case (.list(let look), .listed(let listing)):
            hasLooked = true
            listShows = listing.trust == .shows
            return listed(listing, look, now)
        case (.inspect(let id, let inspection), .inspected(let clip)):
            return inspected(clip, id, inspection, now)
        case (.note(let note), .noted):
            switch note {
            case .keep(let kept): record = kept
            case .confirm: record?.isConfirmed = true
            case .forget: record = nil
            }
            return next(now)
        case (.request, .issued(let answer)):
            return issued(answer, now)
        case (.update, .updated):
            hasUpdated = true
            return next(now)
        case (.send, .sent(let part, let isCommitted)):
            return sent(part, isCommitted, now)
        case (.send, .sendFailed(let part, let failure)):
            return sendFailed(part, failure, now)
        case (.send, .listed(let listing)):
            return listedWhileSending(listing, now)
        case (.send, .noted):
            return confirmedWhileSending(now)
        case (_, .failed(let failure)):
            return failed(failure, now)
        default:
            return []
        }
    }

    /// Does `steps`, then whatever the record asks for.
    mutating func follow(_ steps: [Step], _ now: Duration) -> [Action] {
        script = steps
        return next(now)
    }

    /// Goes on with the script, or with what the record asks for.
    mutating func next(_ now: Duration) -> [Action] {
        guard script.isEmpty else {
            let following = script.removeFirst()
            if isStopping, !following.isDue { return finish(.interrupted) }
            return begin(following)
        }
        return isStopping ? finish(.interrupted) : decide(now)
    }

    mutating func finish(_ failure: ClipFailure) -> [Action] {
        begin(.fail(failure))
    }

    private mutating func begin(_ given: Step) -> [Action] {
        let following = withWhatIsUnanswered(given)
        step = following
        switch following {
        case .turn(let queue):
            self.queue = nil
            return [.stage(.waiting), .enter(queue)]
        case .open: return [.open]
        case .list(.afterLostAnswer), .list(.afterLoss), .list(.forWithdrawal):
            return [.stage(.reconciling), .list(.new)]
        case .list(.forCheck): return [.stage(.reconciling), .list(.ofThisRun)]
        case .list(let look): return [.list(look == .beforeRequest && !hasLooked ? .recent : .new)]
        case .inspect(let id, .own): return [.stage(.uploaded), .inspect(id)]
        case .inspect(let id, _): return [.inspect(id)]
        case .delete(let id, _): return [.delete(id)]
        case .note(let note): return [.note(note)]
        case .request: return [.stage(.requesting), .request]
        case .send: return [.stage(.uploading)] + beginSending()
        case .update(let id): return [.update(id)]
        case .pause(let pause): return [.pause(pause)]
        case .fail(let failure): return over(.failure(failure))
        case .succeed: return over(.success)
        case .idle, .over: return []
        }
    }

    /// What was asked for without an answer is kept with whatever is written down.
    private func withWhatIsUnanswered(_ step: Step) -> Step {
        switch step {
        case .note(.keep(var record)):
            record.unanswered = record.unanswered ?? unanswered
            return .note(.keep(record))
        case .note(.forget): return .note(.forget(unanswered: unanswered))
        default: return step
        }
    }

    private mutating func over(_ outcome: Outcome) -> [Action] {
        step = .over
        script = []
        queue = nil
        return [.leave, .finish(outcome)]
    }
}

extension ClipSubmission.Step {
    /// It is done although nothing new is to be begun: what has happened is written down, and told.
    fileprivate var isDue: Bool {
        switch self {
        case .note(.keep(let record)): record.state != .intended
        case .note, .fail, .succeed: true
        default: false
        }
    }
}

// MARK: - Failures

extension ClipSubmission {
    private mutating func failed(_ failure: ClipFailure, _ now: Duration) -> [Action] {
        switch step {
        case .idle, .turn, .fail, .succeed, .over: return []
        case .send: return checkFailed(failure, now)
        case .request:
            return requestFailed(failure, now)
        case .open:
            guard let record, record.state == .requested else { return finish(failure) }
            return refused(failure, record, now)
        case .delete(_, .useless(let reason)) where reason.status != nil && failure.kind != .interrupted:
            // The row keeps the id until it is gone.
            var reason = reason
            reason.kind = .temporary
            return finish(reason)
        case .delete(_, .useless(let reason)) where failure.kind != .interrupted:
            return finish(reason)
        case .list(.forStrays) where failure.kind != .interrupted:
            return [.say(Self.straysStay(failure))] + follow([.succeed], now)
        case .list, .inspect, .delete, .note, .update, .pause: return finish(failure)
        }
    }

    private mutating func requestFailed(_ failure: ClipFailure, _ now: Duration) -> [Action] {
        if failure.mayHaveHappened {
            mayHaveStray = true
            unanswered = record?.unanswered ?? unanswered
            return follow([.pause(.backOff), .list(.afterLostAnswer)], now)
        }
        // A plain no: there is nothing on the service to come back to.
        let isPlainNo = failure.status != nil && [.permanent, .notAllowed].contains(failure.kind)
        return follow((isPlainNo ? [.note(.forget())] : []) + [.fail(failure)], now)
    }

    /// What was sent, or was to be, can't be taken by the service or handed out here.
    mutating func refused(_ failure: ClipFailure, _ record: ClipRecord, _ now: Duration) -> [Action] {
        guard failure.kind == .permanent, failure.isOfTheClip, let id = record.gameClipId else {
            return finish(failure)
        }
        // Neither yes nor no: the next run may get an answer.
        if let status = failure.status, !(400..<500).contains(status) { return finish(failure) }
        switch failure.obstacle {
        // Nothing is lost with an id that was given for a host which may not have the bytes. Blocks that are up would be.
        case .host where !record.acknowledgedBlocks.isEmpty: return finish(failure)
        case .host, nil: break
        }
        if failure.status == 404 || failure.status == 410 {
            return follow([.inspect(id, .refused(failure))], now)
        }
        return giveUp(id, because: failure, now)
    }

    /// An id that can't be used is removed. If it was the service that ended the upload, that stays in the journal: it
    /// may have its reasons, so another id is only asked for when the user says so.
    mutating func giveUp(_ id: String, because failure: ClipFailure, _ now: Duration) -> [Action] {
        guard failure.status != nil, var record else {
            return follow([.delete(id, .useless(failure)), .note(.forget()), .fail(failure)], now)
        }
        record.state = .failed
        record.reason = "\(failure.reason)\(Self.beginsAnother)"
        return follow([.delete(id, .useless(failure)), .note(.keep(record))], now)
    }
}
