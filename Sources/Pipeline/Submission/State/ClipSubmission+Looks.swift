import ClipModel
import Journal

// MARK: - The list

extension ClipSubmission {
    /// Who else is there, and what is left of us. Of several ids of one key the oldest wins, for whoever comes later is
    /// sure to see who was there before; whatever is complete wins over what waits for blocks.
    mutating func listed(_ listing: Listing, _ look: Look, _ now: Duration) -> [Action] {
        if purpose == .withdrawal { return listedForWithdrawal(listing, now) }
        if look == .forCheck { return listedForCheck(listing, now) }
        if purpose == .check { return listedAfterLoss(listing, now) }
        let mine = record?.state == .requested ? record?.gameClipId : nil
        let others = listing.clips.filter { $0.id != mine }
        if let another = others.first(where: isAnother) { return finish(Self.carriesMarker(another)) }
        let waiting = others.filter { $0.outlook == .waitingForBlocks }
        let removals: [Step] = waiting.compactMap { clip in
            if isOurs(clip) { return .inspect(clip.id, .removal(.stray)) }
            return isAbandoned(clip) ? .inspect(clip.id, .removal(.abandoned)) : nil
        }
        if look == .forStrays {
            return follow(
                removals.filter { $0 != .inspect(record?.gameClipId ?? "", .removal(.stray)) } + settle(now)
                    + [.succeed], now)
        }
        let place = listing.clips.firstIndex { $0.id == mine }
        if let complete = furthest(listing.clips) {
            let ownToo: [Step] = mine.flatMap { $0 == complete.id ? nil : [.delete($0, .yielding)] } ?? []
            let strays = removals.filter { if case .inspect(_, .removal(.stray)) = $0 { true } else { false } }
            return remarks(adopting: complete)
                + follow(strays + ownToo + [.note(.keep(adopting(complete)))], now)
        }
        let before = place.map { Array(listing.clips[..<$0]) } ?? listing.clips
        let rival = before.first { clip in
            clip.id != mine && clip.outlook == .waitingForBlocks && !isOurs(clip) && !isAbandoned(clip)
        }
        if let rival {
            let yielding: [Step] =
                (mine.map { [.delete($0, .yielding)] } ?? []) + (record == nil ? [] : [.note(.forget())])
            watch = Watch(since: now, wait: rules.polling.first)
            let watching: [Step] =
                (queue == .watched ? [] : [.turn(.watched)]) + [.inspect(rival.id, .rival(rival, now))]
            return follow(removals + yielding + watching, now)
        }
        if let mine {
            if place != nil {
                return [.trust(.shows)] + follow(removals + [.note(.confirm)], now)
            }
            return listing.trust == .isBlind ? unlisted(mine, now) : missed(mine, now)
        }
        return noneThere(listing, look, after: removals, now)
    }

    /// The way is free, as far as the list tells.
    private mutating func noneThere(
        _ listing: Listing, _ look: Look, after removals: [Step], _ now: Duration
    ) -> [Action] {
        if look == .afterLoss, let record { return follow(removals + [.note(.keep(Self.gone(record)))], now) }
        let isStrayThere = removals.contains { if case .inspect(_, .removal(.stray)) = $0 { true } else { false } }
        if look == .afterLostAnswer, !isStrayThere, let record {
            // An earlier run has seen the list to be blind, and nobody has seen better.
            let isOpen = listing.trust == .isBlind || (listing.trust == .unknown && record.reason != nil)
            if isOpen { return leaveOpen([], now) }
        }
        guard listing.trust != .isBlind || rules.whenUnlisted == .upload else { return finish(Self.notAsked) }
        // A file that has changed needs no id.
        return follow(removals + [.open, .note(.keep(intent(now))), .request], now)
    }

    /// Our own id is not in the list: it may come, it may be gone, or the list is not to be trusted.
    private mutating func missed(_ id: String, _ now: Duration) -> [Action] {
        let since = unlistedSince ?? now
        if unlistedSince == nil {
            unlistedSince = now
            watch = Watch(since: watch.since, wait: rules.polling.first)
        }
        let left = since + rules.polling.patience - now
        guard left > .zero else { return follow([.inspect(id, .unlisted)], now) }
        let wait = min(watch.wait, left)
        watch.wait = rules.polling.next(after: watch.wait)
        return follow([.pause(.exactly(wait)), .list(.afterRequest)], now)
    }

    /// The list does not show our own id, though it is there.
    private mutating func unlisted(_ id: String, _ now: Duration) -> [Action] {
        // There may be another one whose answer was lost.
        if mayHaveStray { return leaveOpen([.delete(id, .yielding)], now) }
        guard rules.whenUnlisted == .upload else { return finish(Self.unlisted(id)) }
        return follow([.note(.confirm)], now)
    }

    /// Whether an id was issued can't be seen: that is for somebody to settle.
    private mutating func leaveOpen(_ before: [Step], _ now: Duration) -> [Action] {
        let failure = Self.unsettled(order.name)
        var open = ClipRecord(key: order.key, clip: order.name, scid: order.scid, state: .intended)
        open.digests = order.digests
        open.reason = failure.reason
        return follow(before + [.note(.keep(open)), .fail(failure)], now)
    }

    private mutating func listedForWithdrawal(_ listing: Listing, _ now: Duration) -> [Action] {
        let strays: [Step] = listing.clips.filter { $0.outlook == .waitingForBlocks && isOurs($0) }
            .map { .inspect($0.id, .removal(.withdrawal)) }
        if let complete = furthest(listing.clips), isOurs(complete) {
            return follow(strays + [.note(.keep(adopting(complete))), .succeed], now)
        }
        // While it may still come, the row stays, and the next run looks again.
        let mayCome = strays.isEmpty && unanswered.map { !isSettled($0, now) } == true
        if !mayCome { unanswered = nil }
        return follow(strays + (mayCome ? [] : [.note(.forget())]) + [.succeed], now)
    }

    /// What the list does not show, or not well, is looked at by itself.
    private mutating func listedForCheck(_ listing: Listing, _ now: Duration) -> [Action] {
        guard let id = record?.gameClipId else { return next(now) }
        let isThere = listing.clips.contains { $0.id == id && [.published, .underWay].contains($0.outlook) }
        return isThere ? next(now) : follow([.inspect(id, .check)], now)
    }

    /// For `Purpose.check`: the clip may be there under another id.
    private mutating func listedAfterLoss(_ listing: Listing, _ now: Duration) -> [Action] {
        guard let record else { return next(now) }
        let complete = furthest(listing.clips.filter { $0.id != record.gameClipId })
        return follow([.note(.keep(complete.map(adopting) ?? Self.gone(record)))], now)
    }

    /// Published before under way; of several the oldest.
    private func furthest(_ clips: [RemoteClip]) -> RemoteClip? {
        clips.first { $0.outlook == .published } ?? clips.first { $0.outlook == .underWay }
    }

    private func isOurs(_ clip: RemoteClip) -> Bool {
        if let owner = clip.owner { return owner == rules.owner || rules.formerOwners.contains(owner) }
        // Asked for by a clipship that did not say who it was: as ours as the row that is left of that.
        return record.map { $0.state == .intended && $0.digests == nil } ?? false
    }

    private func isAbandoned(_ clip: RemoteClip) -> Bool {
        clip.age.map { $0 >= rules.takeOverAfter } ?? false
    }

    /// Whether it only looks like the clip. What is ours and waits for blocks is removed in any case.
    private func isAnother(_ clip: RemoteClip) -> Bool {
        switch clip.outlook {
        case .lost: false
        case .waitingForBlocks: clip.contradiction != nil && !isOurs(clip)
        case .published, .underWay: clip.contradiction != nil && clip.id != record?.gameClipId
        }
    }

    private func remarks(adopting clip: RemoteClip) -> [Action] {
        guard clip.id != record?.gameClipId, let date = clip.otherDate else { return [] }
        return [.say(Self.hasOtherDate(clip.id, date))]
    }

    /// The record of a clip that has all its bytes, whoever sent them.
    private func adopting(_ clip: RemoteClip) -> ClipRecord {
        var adopted = ClipRecord(
            key: order.key, clip: order.name, scid: order.scid,
            state: clip.outlook == .published ? .published : .committed)
        if let record, record.gameClipId == clip.id {
            adopted = record
            adopted.state = clip.outlook == .published ? .published : .committed
        } else {
            adopted.gameClipId = clip.id
            adopted.isOwn = isOurs(clip)
            adopted.digests = order.digests
            adopted.digests?.changeable = clip.changeable
        }
        return adopted
    }
}

// MARK: - One clip

extension ClipSubmission {
    mutating func inspected(
        _ clip: RemoteClip?, _ id: String, _ inspection: Inspection, _ now: Duration
    ) -> [Action] {
        if let clip, isAnother(clip) { return finish(Self.carriesMarker(clip)) }
        switch inspection {
        case .own: return inspectedOwn(clip, id, now)
        case .rival(let rival, let since): return inspectedRival(clip, rival, since, now)
        case .removal(let removal): return inspectedForRemoval(clip, id, removal, now)
        case .refused(let failure):
            guard let clip else { return lost(now) }
            guard [.published, .underWay].contains(clip.outlook) else { return giveUp(id, because: failure, now) }
            return follow([.note(.keep(adopting(clip)))], now)
        case .unlisted:
            guard clip != nil else { return lost(now) }
            return [.trust(.isBlind)] + unlisted(id, now)
        case .check:
            guard let clip, var record else { return lost(now) }
            guard clip.outlook == .lost else { return next(now) }
            record.state = .failed
            record.reason = "the service ended the clip in the state \(clip.state)\(Self.beginsAnother)"
            return follow([.note(.keep(record))], now)
        case .withdrawal:
            switch clip?.outlook {
            case .waitingForBlocks: return follow([.delete(id, .withdrawal), .note(.forget()), .succeed], now)
            case .published, .underWay:
                return follow([.note(clip.map { .keep(adopting($0)) } ?? .forget()), .succeed], now)
            case .lost, nil: return follow([.note(.forget()), .succeed], now)
            }
        }
    }

    private mutating func inspectedForRemoval(
        _ clip: RemoteClip?, _ id: String, _ removal: Removal, _ now: Duration
    ) -> [Action] {
        switch clip?.outlook {
        case .waitingForBlocks:
            let owner = clip?.owner ?? "an older clipship"
            let said: [Action] = removal == .abandoned ? [.say(Self.takesOver(id, owner: owner, age: clip?.age))] : []
            script.insert(.delete(id, removal), at: 0)
            return said + next(now)
        case .published, .underWay:
            // By now it has all its bytes.
            guard let clip, removal != .withdrawal, record?.state != .published, record?.state != .committed else {
                return next(now)
            }
            let mine = record?.state == .requested && record?.gameClipId != id ? record?.gameClipId : nil
            return follow((mine.map { [.delete($0, .yielding)] } ?? []) + [.note(.keep(adopting(clip)))], now)
        case .lost, nil:
            return next(now)
        }
    }

    private mutating func inspectedOwn(_ clip: RemoteClip?, _ id: String, _ now: Duration) -> [Action] {
        guard let clip else { return lost(now) }
        guard var record else { return decide(now) }
        switch clip.outlook {
        case .published:
            record.state = .published
            return follow([.note(.keep(record))], now)
        case .lost:
            record.state = .failed
            record.reason = "the service ended the clip in the state \(clip.state)"
            return follow([.note(.keep(record))], now)
        case .underWay where record.state == .requested:
            record.state = .committed
            return follow([.note(.keep(record))], now)
        case .waitingForBlocks where watch.waited > rules.polling.longest:
            return sendAgain(record, now)
        case .underWay, .waitingForBlocks:
            watch.waited = clip.outlook == .underWay ? .zero : watch.waited + watch.wait
            return poll(.inspect(id, .own), now) ?? finish(Self.notYetPublished(clip.state, rules.polling.limit))
        }
    }

    /// Every block was acknowledged and yet some are missing.
    private mutating func sendAgain(_ record: ClipRecord, _ now: Duration) -> [Action] {
        guard !hasSentAgain else { return finish(Self.keepsNothing) }
        hasSentAgain = true
        guard record.uploadUri != nil else {
            let removal: [Step] = record.isOwn ? (record.gameClipId.map { [.delete($0, .anew)] } ?? []) : []
            return follow(removal + [.note(.forget())], now)
        }
        var again = record
        again.state = .requested
        again.acknowledgedBlocks = []
        again.isConfirmed = true
        return follow([.note(.keep(again))], now)
    }

    private mutating func inspectedRival(
        _ clip: RemoteClip?, _ rival: RemoteClip, _ since: Duration, _ now: Duration
    ) -> [Action] {
        switch clip?.outlook {
        case .published, .underWay:
            return clip.map { remarks(adopting: $0) + follow([.note(.keep(adopting($0)))], now) } ?? ask(now)
        case .lost, nil:
            return ask(now)
        case .waitingForBlocks:
            guard let age = rival.age, age + (now - since) >= rules.takeOverAfter else {
                return poll(.inspect(rival.id, .rival(rival, since)), now) ?? finish(Self.uploadedElsewhere(rival))
            }
            return ask(now)
        }
    }

    /// Our own id is gone. What was on its way starts over, once, after a look at what there is; what had all its bytes
    /// was removed by somebody who may have had reasons.
    private mutating func lost(_ now: Duration) -> [Action] {
        guard let record, record.state == .requested else { return follow([.list(.afterLoss)], now) }
        guard !hasBegunAnew else {
            return follow([.note(.forget()), .fail(ClipFailure(.temporary, Self.goneAgain))], now)
        }
        hasBegunAnew = true
        return [.say(Self.gone)] + follow([.note(.forget())], now)
    }

    /// Waits before `question` is asked again; nil when the time is over.
    private mutating func poll(_ question: Step, _ now: Duration) -> [Action]? {
        let left = (watch.since ?? now) + rules.polling.limit - now
        guard left > .zero else { return nil }
        let wait = min(watch.wait, left)
        watch.wait = rules.polling.next(after: watch.wait)
        return follow([.pause(.exactly(wait)), question], now)
    }
}
