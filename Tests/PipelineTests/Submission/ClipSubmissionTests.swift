import ClipModel
import Foundation
import Journal
import SystemIO
import Testing

@testable import Pipeline

@Suite struct ClipSubmissionTests {
    private static let isLong = ProcessInfo.processInfo.environment["CLIPSHIP_SWEEP"] == "long"

    // MARK: - All interleavings

    /// On a thread of its own: it computes for long.
    private func walk(_ model: SubmissionModel) async -> (count: Int, fault: SubmissionModel.Fault?) {
        var model = model
        model.blocksInFlight = Self.isLong ? 2 : 1
        return await BlockingPool("model", width: 1).run { [model] in model.walk() }
    }

    @Test(.timeLimit(.minutes(10)))
    func `no interleaving of two processes publishes twice or leaves an id, with kills and lost answers`() async {
        // Without a kill and a lost answer in one walk, in the short form.
        for kills in Self.isLong ? [2] : [0, 1] {
            var model = SubmissionModel(processes: 2)
            (model.kills, model.losses) = (kills, Self.isLong ? 1 : 1 - kills)
            if kills == 0 { model.trust = .unknown }
            model.restarts = Self.isLong ? 2 : 1
            let walked = await walk(model)
            #expect(walked.fault == nil)
            #expect(walked.count > 500, "\(walked.count)")
            if Self.isLong { print("two processes: \(walked.count) worlds") }
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `nor does one where somebody never comes back, whose uploads are taken over when they are old`() async {
        var model = SubmissionModel(processes: 2)
        model.losses = Self.isLong ? 1 : 0
        model.restarts = Self.isLong ? 2 : 1
        model.mayStayAway = true
        let walked = await walk(model)
        #expect(walked.fault == nil)
        #expect(walked.count > 500, "\(walked.count)")
        if Self.isLong { print("one stays away: \(walked.count) worlds") }
    }

    @Test(.timeLimit(.minutes(20)))
    func `nor does one of three processes`() async {
        for (kills, losses) in Self.isLong ? [(1, 0), (0, 1)] : [(0, 0)] {
            var model = SubmissionModel(processes: 3)
            (model.kills, model.losses) = (kills, losses)
            model.restarts = Self.isLong ? 1 : 0
            let walked = await walk(model)
            #expect(walked.fault == nil)
            #expect(walked.count > 1_000, "\(walked.count)")
            if Self.isLong { print("three processes: \(walked.count) worlds") }
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `nor does one where a request is held on the way and comes at any later moment`() async {
        for (processes, kills) in Self.isLong ? [(1, 2), (2, 0), (2, 1)] : [(1, 2), (2, 0)] {
            var model = SubmissionModel(processes: processes)
            (model.kills, model.losses, model.holds) = (kills, 0, processes == 1 ? 2 : 1)
            model.restarts = 1 + kills
            let walked = await walk(model)
            #expect(walked.fault == nil)
            #expect(walked.count > 30, "\(walked.count)")
            if Self.isLong { print("held requests, \(processes) processes: \(walked.count) worlds") }
        }
    }

    // MARK: - All pairs

    /// One step of each kind, and events of each kind.
    private static let record: ClipRecord = {
        var record = ClipRecord(key: "key", clip: "clip", scid: "scid", state: .requested)
        (record.gameClipId, record.uploadUri, record.expectedBlocks, record.isConfirmed) = ("mine", "/mine", 2, true)
        record.digests = SubmissionModel.order.digests
        return record
    }()

    private static let remote = ClipSubmission.RemoteClip(
        id: "other", state: .pendingUpload, owner: "elsewhere", age: .zero, changeable: "m")

    private static let temporary = ClipFailure(.temporary, "down")

    /// The steps, and the events that end each besides a stop; whatever is not here changes nothing.
    private static let table: [(step: ClipSubmission.Step, ends: [ClipSubmission.Event])] = {
        let failed = ClipSubmission.Event.failed(temporary)
        let listed = ClipSubmission.Event.listed(.init(clips: [remote]))
        let looks: [ClipSubmission.Look] = [
            .beforeRequest, .afterLostAnswer, .afterRequest, .forStrays, .afterLoss, .forWithdrawal, .forCheck,
        ]
        let inspections: [ClipSubmission.Inspection] = [
            .own, .rival(remote, .zero), .removal(.stray), .refused(temporary), .unlisted, .withdrawal, .check,
        ]
        let removals: [ClipSubmission.Removal] = [
            .stray, .abandoned, .yielding, .anew, .useless(temporary), .withdrawal,
        ]
        var table: [(ClipSubmission.Step, [ClipSubmission.Event])] = [
            (.idle, [.start(nil)]), (.open, [.opened, failed]),
            (.note(.keep(record)), [.noted, failed]), (.note(.forget()), [.noted, failed]),
            (.note(.confirm), [.noted, failed]),
            (.request, [.issued(.init(gameClipId: "new", uploadUri: "/new")), failed]),
            (.send, [.sent(.block(0), isCommitted: true), .sendFailed(.block(0), temporary)]),
            (.update("mine"), [.updated, failed]),
            (.pause(.backOff), [.waited, failed]), (.pause(.exactly(.seconds(1))), [.waited, failed]),
            (.fail(temporary), []), (.succeed, []), (.over, []),
        ]
        table += ClipSubmission.Queue.allCases.map { (.turn($0), [.permitted]) }
        table += looks.map { (.list($0), [listed, failed]) }
        table += inspections.map { (.inspect("mine", $0), [.inspected(nil), .inspected(remote), failed]) }
        table += removals.map { (.delete("mine", $0), [.deleted, failed]) }
        return table
    }()

    private func machine(at step: ClipSubmission.Step) -> ClipSubmission {
        var machine = ClipSubmission(SubmissionModel.order, by: SubmissionModel.rules(0))
        machine.record = Self.record
        machine.step = step
        if step == .send { machine.sending.inFlight = [.block(0)] }
        return machine
    }

    @Test func `each step is ended by its events, goes on, and is left alone by all others`() {
        let events = Self.table.flatMap(\.ends)
        for (step, ends) in Self.table {
            for event in events {
                var machine = machine(at: step)
                let before = machine
                let actions = machine.handle(event, at: .zero)
                let isEnd = ends.contains { Self.isAlike($0, event) }
                if isEnd {
                    #expect(!actions.isEmpty && machine != before, "\(step), \(event)")
                    #expect(actions.contains(where: Self.isAnswered), "\(step), \(event): nothing is under way")
                } else {
                    #expect(actions.isEmpty && machine == before, "\(step), \(event)")
                }
            }
        }
    }

    @Test func `whatever is under way when nothing new is to begin, what comes of it is kept, and that is the end`() {
        for (step, ends) in Self.table {
            for event in ends {
                var machine = machine(at: step)
                #expect(machine.handle(.stop, at: .zero) == [])
                var actions = machine.handle(event, at: .zero)
                var notes = 0
                while case .note = actions.last, notes < 3 {
                    notes += 1
                    actions = machine.handle(.noted, at: .zero)
                }
                guard case .finish(let outcome)? = actions.last else {
                    Issue.record("\(step), \(event): goes on with \(actions)")
                    continue
                }
                // After these there is nothing left to do.
                let isLast = [.list(.forStrays), .list(.forWithdrawal), .inspect("mine", .withdrawal)].contains(step)
                #expect(outcome != .success || isLast, "\(step), \(event)")
            }
        }
    }

    /// The same kind of event, whatever it carries.
    private static func isAlike(_ one: ClipSubmission.Event, _ other: ClipSubmission.Event) -> Bool {
        func kind(_ event: ClipSubmission.Event) -> Int {
            switch event {
            case .start: 0
            case .permitted: 1
            case .opened: 2
            case .listed: 3
            case .inspected: 4
            case .deleted: 5
            case .noted: 6
            case .issued: 7
            case .sent: 8
            case .sendFailed: 9
            case .updated: 10
            case .waited: 11
            case .failed: 12
            case .stop: 13
            }
        }
        return kind(one) == kind(other)
    }

    /// Something is under way after it, or all is over.
    private static func isAnswered(_ action: ClipSubmission.Action) -> Bool {
        switch action {
        case .leave, .stage, .say, .trust: false
        case .enter, .open, .list, .inspect, .delete, .note, .request, .send, .update, .pause, .finish: true
        }
    }

    // MARK: - While blocks go up

    /// A machine whose id was just issued, of a clip of four blocks, and what is under way then.
    private func asked() -> (machine: ClipSubmission, actions: [ClipSubmission.Action]) {
        var (order, rules) = (SubmissionModel.order, SubmissionModel.rules(0))
        (order.blockCount, rules.blocksInFlight) = (4, 3)
        return issued(order, rules, .shows)
    }

    /// - Parameter trust: What is known of the list.
    private func issued(
        _ order: ClipSubmission.Order, _ rules: ClipSubmission.Rules, _ trust: ClipSubmission.Trust
    ) -> (machine: ClipSubmission, actions: [ClipSubmission.Action]) {
        var machine = ClipSubmission(order, by: rules)
        let events: [ClipSubmission.Event] = [
            .start(nil), .permitted, .listed(.init(clips: [], trust: trust)), .opened, .noted,
            .issued(.init(gameClipId: "mine", uploadUri: "/mine")),
        ]
        for event in events { _ = machine.handle(event, at: .zero) }
        let actions = machine.handle(.noted, at: .zero)
        guard actions == [.open] else { return (machine, actions) }
        let further = machine.handle(.opened, at: .zero)
        return (machine, further)
    }

    private static let own = ClipSubmission.RemoteClip(
        id: "mine", state: .pendingUpload, owner: "0", age: .zero, changeable: "m")

    private func sent(_ number: Int) -> ClipSubmission.Event { .sent(.block(number), isCommitted: false) }

    @Test func `whether somebody was there before is asked while blocks go up, and the last one waits for the answer`()
    {
        var (machine, actions) = asked()
        let blocks = (0..<4).map { ClipSubmission.Action.send(.block($0), leaving: $0 == 3) }
        #expect(actions == [.stage(.uploading), .list(.new)] + blocks[..<3])
        for number in 0..<3 { #expect(machine.handle(sent(number), at: .zero) == []) }
        actions = machine.handle(.listed(.init(clips: [Self.own])), at: .zero)
        #expect(actions == [.trust(.shows), .note(.confirm)], "the journal is told before the last block goes")
        #expect(machine.handle(.noted, at: .zero) == [blocks[3]])
        actions = machine.handle(.sent(.block(3), isCommitted: true), at: .zero)
        guard case .note(.keep(let record))? = actions.last else { Issue.record("\(actions)"); return }
        #expect(record.state == .committed && record.isConfirmed)
    }

    @Test func `an answer that comes first lets all blocks go up`() {
        var (machine, _) = asked()
        _ = machine.handle(.listed(.init(clips: [Self.own])), at: .zero)
        #expect(machine.handle(.noted, at: .zero) == [], "three are on their way")
        #expect(machine.handle(sent(1), at: .zero) == [.send(.block(3), leaving: true)])
    }

    @Test func `where somebody was there before nothing more goes up, and the id goes when nothing is on its way`() {
        var older = Self.remote
        older.owner = "elsewhere"
        for complete in [false, true] {
            older.state = complete ? .published : .pendingUpload
            var (machine, _) = asked()
            #expect(machine.handle(sent(0), at: .zero) == [])
            #expect(machine.handle(.listed(.init(clips: [older, Self.own])), at: .zero) == [])
            #expect(machine.handle(sent(1), at: .zero) == [])
            #expect(machine.handle(sent(2), at: .zero) == [.delete("mine")])
        }
    }

    @Test func `blocks that are refused meanwhile wait for the answer, which comes first`() {
        var gone = ClipFailure(.permanent, "gone")
        gone.status = 410
        for isThere in [true, false] {
            var (machine, _) = asked()
            for number in 0..<3 { #expect(machine.handle(.sendFailed(.block(number), gone), at: .zero) == []) }
            var actions = machine.handle(.listed(.init(clips: isThere ? [Self.own] : [])), at: .zero)
            if isThere { actions = machine.handle(.noted, at: .zero) }
            #expect(isThere ? actions == [.inspect("mine")] : actions.count == 1, "\(actions)")
        }
    }

    @Test func `a list that can't be had ends the clip when its blocks are up, and the next run asks again`() {
        for isNoted in [false, true] {
            var (machine, _) = asked()
            if isNoted { _ = machine.handle(.listed(.init(clips: [Self.own])), at: .zero) }
            #expect(machine.handle(.failed(Self.temporary), at: .zero) == [])
            for number in 0..<2 { #expect(machine.handle(sent(number), at: .zero) == []) }
            #expect(machine.handle(sent(2), at: .zero) == [.leave, .finish(.failure(Self.temporary))])
            #expect(machine.record?.acknowledgedBlocks == [0, 1, 2])
        }
    }

    @Test func `a clip of one block sends nothing before it is known that nobody was there before`() {
        var order = SubmissionModel.order
        order.blockCount = 1
        var (machine, actions) = issued(order, SubmissionModel.rules(0), .shows)
        #expect(actions == [.stage(.uploading), .list(.new)])
        _ = machine.handle(.listed(.init(clips: [Self.own])), at: .zero)
        #expect(machine.handle(.noted, at: .zero) == [.send(.block(0), leaving: true)])
    }

    @Test func `where the list is not known to show what is issued, nothing goes up before it does`() {
        for trust in [ClipSubmission.Trust.unknown, .shows] {
            let (_, actions) = issued(SubmissionModel.order, SubmissionModel.rules(0), trust)
            let goesUp = actions.contains { if case .send = $0 { true } else { false } }
            #expect(goesUp == (trust == .shows), "\(actions)")
        }
        // What a run has left behind before it knew.
        var record = Self.record
        (record.isConfirmed, record.acknowledgedBlocks) = (false, [0])
        #expect(first(record) == [.list(.new)])
    }

    // MARK: - Rules

    /// What a machine does from a record on, as far as the first action that is answered.
    private func first(
        _ record: ClipRecord?, _ change: (inout ClipSubmission.Order, inout ClipSubmission.Rules) -> Void = { _, _ in }
    ) -> [ClipSubmission.Action] {
        var (order, rules) = (SubmissionModel.order, SubmissionModel.rules(0))
        change(&order, &rules)
        var machine = ClipSubmission(order, by: rules)
        var actions = machine.handle(.start(record), at: .zero)
        while case .enter = actions.last { actions = actions.dropLast() + machine.handle(.permitted, at: .zero) }
        return actions.filter { if case .stage = $0 { false } else { true } }
    }

    @Test func `an unfinished upload starts over when it is divided otherwise or its request is another`() {
        var record = Self.record
        record.blockSize = 1_000
        #expect(first(record) == [.open])
        let changes: [(inout ClipSubmission.Order) -> Void] = [
            { $0.blockSize = 999 }, { $0.blockCount = 3 }, { $0.digests.contents = "d" },
            { $0.digests.request = "q" }, { $0.digests.changeable = "n" },
        ]
        for change in changes {
            let actions = first(record) { order, _ in change(&order) }
            guard case .say(let text)? = actions.first else { Issue.record("\(actions)"); continue }
            #expect(text.hasSuffix("its upload starts over"))
            #expect(actions.last == .inspect("mine"), "it may be complete by now")
        }
        // A row from before that was kept.
        (record.digests, record.blockSize) = (nil, nil)
        #expect(first(record) == [.open])
    }

    @Test func `an upload that is to start over and turns out to be complete stays`() {
        var order = SubmissionModel.order
        order.digests.changeable = "n"
        for (state, ends) in [(GameClipState.pendingUpload, "delete"), (.published, "note")] {
            var machine = ClipSubmission(order, by: SubmissionModel.rules(0))
            _ = machine.handle(.start(Self.record), at: .zero)
            let clip = ClipSubmission.RemoteClip(id: "mine", state: state, owner: "0", changeable: "m")
            let actions = machine.handle(.inspected(clip), at: .zero)
            switch actions.last {
            case .delete("mine"): #expect(ends == "delete")
            case .note(.keep(let record)): #expect(ends == "note" && record.state == .published && record.isOwn)
            default: Issue.record("\(actions)")
            }
        }
    }

    @Test func `a complete clip is brought up to date by whoever submitted it`() {
        var record = Self.record
        record.state = .published
        let change = { (order: inout ClipSubmission.Order, rules: inout ClipSubmission.Rules) in
            order.digests.changeable = "n"
        }
        #expect(first(record, change) == [.update("mine")])
        #expect(first(record) == [.leave, .finish(.success)])
        record.isOwn = false
        #expect(first(record, change).count == 3, "a warning")
        record.isOwn = true
        let warned = first(record) {
            change(&$0, &$1); $1.whenChanged = .warn
        }
        #expect(warned.count == 3)
    }

    @Test
    func `what carries the clip's marker and is another clip is neither adopted nor removed, and nothing is asked for`()
    {
        for state in [GameClipState.published, .pendingUpload] {
            var other = Self.remote
            (other.state, other.contradiction) = (state, "7 bytes instead of 8")
            var machine = ClipSubmission(SubmissionModel.order, by: SubmissionModel.rules(0))
            _ = machine.handle(.start(nil), at: .zero)
            _ = machine.handle(.permitted, at: .zero)
            let actions = machine.handle(.listed(.init(clips: [other])), at: .zero)
            guard case .finish(.failure(let failure))? = actions.last, actions.count <= 2 else {
                Issue.record("\(actions)")
                continue
            }
            #expect(
                failure.kind == .permanent && failure.reason.contains("other") && failure.reason.contains("7 bytes"))
        }
    }

    @Test func `a clip that was recorded at another time by what the service was told is adopted, with a word`() {
        var other = Self.remote
        (other.state, other.otherDate) = (.published, "2026-01-31T20:15:00Z")
        var machine = ClipSubmission(SubmissionModel.order, by: SubmissionModel.rules(0))
        _ = machine.handle(.start(nil), at: .zero)
        _ = machine.handle(.permitted, at: .zero)
        let actions = machine.handle(.listed(.init(clips: [other])), at: .zero)
        #expect(actions.contains(.say(ClipSubmission.hasOtherDate("other", "2026-01-31T20:15:00Z"))))
        guard case .note(.keep(let record))? = actions.last else {
            Issue.record("\(actions)")
            return
        }
        #expect(record.gameClipId == "other" && record.state == .published)
    }

    @Test func `a request without an answer is waited for, looked for by each run for an hour, and no longer`() {
        var record = Self.record
        (record.state, record.gameClipId, record.unanswered) = (.intended, nil, Timestamp(seconds: 1_000))
        let first = { (record: ClipRecord?, date: Int64, unanswered: Timestamp?) in
            self.first(record) {
                $0.unanswered = unanswered
                $1.start = Timestamp(seconds: date)
            }
        }
        #expect(first(record, 1_001, nil) == [.pause(.exactly(.seconds(2)))])
        #expect(first(record, 999, nil) == [.pause(.exactly(.seconds(3)))], "a clock that was put back")
        #expect(first(record, 1_003, nil) == [.list(.new)])
        record = Self.record
        record.state = .published
        #expect(first(record, 1_000, nil) == [.leave, .finish(.success)])
        record.unanswered = Timestamp(seconds: 1_000)
        #expect(first(record, 1_001, nil) == [.list(.new)])
        #expect(ClipSubmission.end(of: record, record.digests, SubmitOptions()) == nil)
        for (date, isLast) in [(4_599, false), (4_600, true)] as [(Int64, Bool)] {
            var rules = SubmissionModel.rules(0)
            rules.start = Timestamp(seconds: date)
            var machine = ClipSubmission(SubmissionModel.order, by: rules)
            #expect(machine.handle(.start(record), at: .zero) == [.list(.new)])
            let actions = machine.handle(.listed(.init(clips: [])), at: .zero)
            var settled = record
            settled.unanswered = nil
            #expect(actions == (isLast ? [.note(.keep(settled))] : [.leave, .finish(.success)]))
        }
        // The row of another address, or one that is gone.
        #expect(first(nil, 1_001, Timestamp(seconds: 1_000)) == [.list(.recent)])
    }

    @Test func `an upload that the service ends each time is started over once a run`() {
        var rules = SubmissionModel.rules(0)
        rules.recreates = true
        var machine = ClipSubmission(SubmissionModel.order, by: rules)
        var failed = Self.record
        (failed.state, failed.reason) = (.failed, "ended")
        var ended = ClipFailure(.permanent, "gone")
        ended.status = 400
        var (requests, deletions) = (0, 0)
        var actions = machine.handle(.start(failed), at: .zero)
        var outcome: ClipSubmission.Outcome?
        for _ in 0..<100 where outcome == nil {
            let due = actions
            actions = []
            for action in due {
                switch action {
                case .enter: actions += machine.handle(.permitted, at: .zero)
                case .open: actions += machine.handle(.opened, at: .zero)
                case .list:
                    let mine = machine.record?.gameClipId.map {
                        ClipSubmission.RemoteClip(id: $0, state: .pendingUpload, owner: "0", changeable: "m")
                    }
                    actions += machine.handle(.listed(.init(clips: mine.map { [$0] } ?? [])), at: .zero)
                case .delete:
                    deletions += 1
                    actions += machine.handle(.deleted, at: .zero)
                case .note: actions += machine.handle(.noted, at: .zero)
                case .request:
                    requests += 1
                    actions += machine.handle(
                        .issued(.init(gameClipId: "new-\(requests)", uploadUri: "/new")), at: .zero)
                case .send(let part, _): actions += machine.handle(.sendFailed(part, ended), at: .zero)
                case .finish(let end): outcome = end
                default: continue
                }
            }
        }
        #expect(outcome == .failure(ClipFailure(.permanent, "gone\(ClipSubmission.beginsAnother)")))
        #expect(requests == 1 && deletions == 2)
    }

    @Test func `a block whose answer is neither yes nor no leaves the upload to the next run`() {
        for status in [299, 304, 501] {
            var machine = ClipSubmission(SubmissionModel.order, by: SubmissionModel.rules(0))
            _ = machine.handle(.start(Self.record), at: .zero)
            _ = machine.handle(.permitted, at: .zero)
            _ = machine.handle(.opened, at: .zero)
            var failure = ClipFailure(.permanent, "the service answered \(status)")
            failure.status = status
            let actions = machine.handle(.sendFailed(.block(0), failure), at: .zero)
            #expect(actions == [.leave, .finish(.failure(failure))], "\(status)")
            #expect(machine.record == Self.record)
        }
    }

    @Test func `what was published and is gone is noted before another id is asked for, wherever that is killed`() {
        var rules = SubmissionModel.rules(0)
        (rules.recreates, rules.checksPublished) = (true, true)
        var published = Self.record
        published.state = .published
        // What the journal has after each of its writes, from which a killed run goes on.
        var journals: [ClipRecord?] = [published]
        for number in 0..<4 {
            var machine = ClipSubmission(SubmissionModel.order, by: rules)
            var (journal, requests, isOver) = (journals[number], 0, false)
            var actions = machine.handle(.start(journal), at: .zero)
            for _ in 0..<30 where !isOver && requests == 0 {
                guard let action = actions.last else { break }
                switch action {
                case .enter: actions = machine.handle(.permitted, at: .zero)
                case .open: actions = machine.handle(.opened, at: .zero)
                case .list: actions = machine.handle(.listed(.init(clips: [])), at: .zero)
                case .inspect: actions = machine.handle(.inspected(nil), at: .zero)
                case .delete: actions = machine.handle(.deleted, at: .zero)
                case .pause: actions = machine.handle(.waited, at: .zero)
                case .note(let note):
                    journal = if case .keep(let record) = note { record } else { nil }
                    if number == 0 { journals.append(journal) }
                    actions = machine.handle(.noted, at: .zero)
                case .request: requests += 1
                default: isOver = true
                }
            }
            #expect(requests == 1, "from \(journals[number]?.state.rawValue ?? "none")")
            #expect(journal?.state == .intended)
            if number == 0 { #expect(journals.map { $0?.state } == [.published, .failed, nil, .intended]) }
        }
    }

    @Test func `what the service has in full and then waits for again is sent once more`() {
        var record = Self.record
        record.state = .committed
        record.acknowledgedBlocks = [0]
        var machine = ClipSubmission(SubmissionModel.order, by: SubmissionModel.rules(0))
        _ = machine.handle(.start(record), at: .zero)
        _ = machine.handle(.permitted, at: .zero)
        let waiting = ClipSubmission.RemoteClip(id: "mine", state: .pendingUpload, owner: "0", changeable: "m")
        var sent = 0
        var outcome: ClipSubmission.Outcome?
        for _ in 0..<1_000 where outcome == nil {
            let event: ClipSubmission.Event =
                switch machine.step {
                case .inspect: .inspected(waiting)
                case .pause: .waited
                case .note: .noted
                case .turn: .permitted
                case .open: .opened
                case .send: machine.sending.inFlight.first.map { .sent($0, isCommitted: false) } ?? .stop
                default: .stop
                }
            if case .sent = event { sent += 1 }
            for action in machine.handle(event, at: .zero) { if case .finish(let end) = action { outcome = end } }
        }
        #expect(sent == 2)
        #expect(outcome == .failure(ClipSubmission.keepsNothing))
    }
}
