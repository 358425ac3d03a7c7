import ClipModel
import Journal

@testable import Pipeline

/// Several processes, each with a journal of its own, that submit the same clip to one service: every interleaving of
/// what they do, with kills and lost answers. A process is its state machine; the service is a list of ids.
struct SubmissionModel: Sendable {
    let processes: Int
    /// How often any of them may be killed, in all.
    var kills = 1
    /// How many answers to initial requests may be lost.
    var losses = 1
    /// How often each may be started again after it has ended without success, or was killed.
    var restarts = 2
    /// What is known of the list: where it shows what is issued, blocks go up beside the look.
    var trust = ClipSubmission.Trust.shows
    /// Of the clip's two.
    var blocksInFlight = 1
    /// A killed process may stay away, and its uploads grow old.
    var mayStayAway = false
    /// How many initial requests may be held by something on the way, whose sender gets no answer or is killed, and come to
    /// the service at any later moment.
    var holds = 0

    /// All that is at one moment.
    struct World: Hashable {
        var clips: [Clip] = []
        var processes: [Process]
        var kills: Int
        var losses: Int
        var holds = 0
        /// Whose requests are still on their way.
        var held: [Int] = []
        var lastID = 0
        var hasAged = false
    }

    /// An id on the service, the oldest first.
    struct Clip: Hashable {
        var id: String
        var owner: Int
        var blocks: Set<Int> = []
        var isOld = false

        var isComplete: Bool { blocks.count == SubmissionModel.order.blockCount }
    }

    struct Process: Hashable {
        var journal: ClipRecord?
        /// What the journal has of a request without an answer, also where it has no record.
        var unanswered: Timestamp?
        /// Nil while it does not run.
        var machine: ClipSubmission?
        /// The actions that are under way.
        var actions: [ClipSubmission.Action] = []
        var restarts: Int
        /// Requests that came to the service while it ran: of those that came after its last look the next run knows.
        var late = 0
        var isDone = false
        var isAway = false
    }

    /// What is wrong with a world; nil for nothing.
    typealias Fault = String

    static let order = ClipSubmission.Order(
        key: "key", name: "clip", scid: "scid", blockCount: 2, blockSize: 1_000,
        digests: SubmissionDigests(contents: "c", request: "r", changeable: "m"), needsThumbnails: false)

    static func rules(_ owner: Int, blocksInFlight: Int = 1) -> ClipSubmission.Rules {
        var rules = ClipSubmission.Rules(owner: "\(owner)")
        rules.blocksInFlight = blocksInFlight
        rules.polling = Polling(first: .seconds(1), longest: .seconds(1), limit: .seconds(600))
        return rules
    }

    /// Walks every world that can be reached.
    ///
    /// - Returns: How many there are, and what is wrong with the first that is not as it must be.
    func walk() -> (count: Int, fault: Fault?) {
        let process = Process(restarts: restarts)
        var first = World(
            processes: Array(repeating: process, count: processes), kills: kills, losses: losses, holds: holds)
        for index in 0..<processes { first = start(index, first) }
        var open = [first]
        // Millions of worlds have no room; two of ten million share their hash once in 300,000 walks.
        var seen: Set<Int> = [first.hashValue]
        while let world = open.popLast() {
            let following = successors(of: world)
            if let fault = fault(of: world, isEnd: following.isEmpty) { return (seen.count, fault) }
            for next in following where seen.insert(next.hashValue).inserted { open.append(next) }
        }
        return (seen.count, nil)
    }

    private func fault(of world: World, isEnd: Bool) -> Fault? {
        let complete = world.clips.filter(\.isComplete)
        if complete.count > 1 { return "published \(complete.count) times: \(world)" }
        guard isEnd else { return nil }
        // Whoever has no start left may have left something, which the next start would go on with.
        let live = world.processes.filter { !$0.isAway && $0.isDone }
        guard !live.isEmpty else { return nil }
        if complete.isEmpty { return "done, and not published: \(world)" }
        let left = world.clips.filter { clip in !clip.isComplete && world.processes[clip.owner].isDone }
        return left.isEmpty ? nil : "left behind: \(world)"
    }
}

// MARK: - What can happen

extension SubmissionModel {
    private func start(_ index: Int, _ world: World) -> World {
        var world = world
        var order = Self.order
        order.unanswered = world.processes[index].unanswered
        var machine = ClipSubmission(order, by: Self.rules(index, blocksInFlight: blocksInFlight))
        let actions = machine.handle(.start(world.processes[index].journal), at: .zero)
        world.processes[index].machine = machine
        return take(actions, index, world)
    }

    private func tell(_ event: ClipSubmission.Event, _ index: Int, at now: Duration = .zero, _ world: World) -> World {
        guard var machine = world.processes[index].machine else { return world }
        var world = world
        let actions = machine.handle(event, at: now)
        world.processes[index].machine = machine
        return take(actions, index, world)
    }

    /// The actions that are answered, and the end. What only one process sees is done at once.
    private func take(_ actions: [ClipSubmission.Action], _ index: Int, _ world: World) -> World {
        var world = world
        for action in actions {
            switch action {
            case .leave, .stage, .say, .trust: continue
            case .enter: return tell(.permitted, index, world)
            case .open: return tell(.opened, index, world)
            case .update: return tell(.updated, index, world)
            case .finish(let outcome):
                world.processes[index].machine = nil
                world.processes[index].actions = []
                world.processes[index].isDone = outcome == .success && world.processes[index].late == 0
                world.processes[index].restarts += outcome == .success ? world.processes[index].late : 0
                world.processes[index].late = 0
            case .list, .inspect, .delete, .note, .request, .send, .pause:
                world.processes[index].actions.append(action)
            }
        }
        return world
    }

    private func killed(_ index: Int, _ world: World) -> World {
        var world = world
        world.kills -= 1
        world.processes[index].machine = nil
        world.processes[index].actions = []
        world.processes[index].late = 0
        return world
    }

    /// A request that was held comes to the service; whoever has published the clip meanwhile runs once more, some day.
    private func arrived(_ place: Int, _ world: World) -> World {
        var world = world
        let owner = world.held.remove(at: place)
        world.lastID += 1
        world.clips.append(Clip(id: "id-\(world.lastID)", owner: owner))
        if world.processes[owner].isDone {
            world.processes[owner].isDone = false
            world.processes[owner].restarts += 1
        } else if world.processes[owner].machine != nil {
            world.processes[owner].late += 1
        }
        return world
    }

    private func successors(of world: World) -> [World] {
        var worlds: [World] = []
        for index in world.processes.indices {
            let process = world.processes[index]
            if world.kills > 0, !process.actions.isEmpty { worlds.append(killed(index, world)) }
            for action in process.actions {
                var without = world
                without.processes[index].actions.removeAll { $0 == action }
                let outcomes = outcomes(of: action, index, without)
                worlds += outcomes
                if world.kills > 0 {
                    // The effect came, and nobody heard of it, nor the journal of a block.
                    if case .send = action {
                        worlds += outcomes.map { after in
                            var after = killed(index, after)
                            after.processes[index].journal = process.journal
                            return after
                        }
                    }
                    worlds += outcomes.filter { $0.kills == world.kills }.map { after in
                        var after = killed(index, after)
                        after.processes[index].isDone = false
                        return after
                    }
                }
            }
            if process.actions.isEmpty, !process.isDone, !process.isAway {
                if process.restarts > 0 {
                    var again = world
                    again.processes[index].restarts -= 1
                    worlds.append(start(index, again))
                }
                if mayStayAway {
                    var without = world
                    without.processes[index].isAway = true
                    worlds.append(without)
                }
            }
        }
        for place in world.held.indices { worlds.append(arrived(place, world)) }
        if mayStayAway, !world.hasAged {
            var later = world
            later.hasAged = true
            // Those of processes that have not been heard of for long; they may come back all the same.
            for index in later.clips.indices where world.processes[later.clips[index].owner].machine == nil {
                later.clips[index].isOld = true
            }
            if later.clips != world.clips { worlds.append(later) }
        }
        return worlds
    }

    private func outcomes(of action: ClipSubmission.Action, _ index: Int, _ world: World) -> [World] {
        var after = world
        switch action {
        case .list:
            return [tell(.listed(ClipSubmission.Listing(clips: world.clips.map(remote), trust: trust)), index, world)]
        case .inspect(let id):
            return [tell(.inspected(world.clips.first { $0.id == id }.map(remote)), index, world)]
        case .delete(let id):
            // Somebody who had been away for long has completed it since it was looked at a moment ago, which can't be
            // excluded: there is no call that deletes only what still waits for blocks.
            if after.clips.contains(where: { $0.id == id && $0.isComplete && $0.owner != index }) { return [] }
            after.clips.removeAll { $0.id == id }
            return [tell(.deleted, index, after)]
        case .note(.keep(let record)):
            after.processes[index].journal = record
            after.processes[index].unanswered = record.unanswered
            return [tell(.noted, index, after)]
        case .note(.confirm):
            after.processes[index].journal?.isConfirmed = true
            return [tell(.noted, index, after)]
        case .note(.forget(let unanswered)):
            after.processes[index].journal = nil
            after.processes[index].unanswered = unanswered
            return [tell(.noted, index, after)]
        case .request:
            after.lastID += 1
            let id = "id-\(after.lastID)"
            after.clips.append(Clip(id: id, owner: index))
            let answer = InitialUploadResponse(gameClipId: id, uploadUri: "/\(id)")
            var worlds = [tell(.issued(answer), index, after)]
            if world.holds > 0 {
                var failure = ClipFailure(.temporary, "held")
                failure.mayHaveHappened = true
                var held = world
                held.holds -= 1
                held.held.append(index)
                worlds.append(tell(.failed(failure), index, held))
                if world.kills > 0 { worlds.append(killed(index, held)) }
            }
            if world.losses > 0 {
                var failure = ClipFailure(.temporary, "lost")
                failure.mayHaveHappened = true
                for var lost in [world, after] {
                    lost.losses -= 1
                    worlds.append(tell(.failed(failure), index, lost))
                }
            }
            return worlds
        case .send(let part, _):
            let id = world.processes[index].machine?.record?.gameClipId
            guard let place = after.clips.firstIndex(where: { $0.id == id }) else {
                var failure = ClipFailure(.permanent, "gone")
                failure.status = 410
                return [tell(.sendFailed(part, failure), index, world)]
            }
            if case .block(let number) = part {
                after.clips[place].blocks.insert(number)
                after.processes[index].journal?.acknowledgedBlocks.insert(number)
            }
            return [tell(.sent(part, isCommitted: after.clips[place].isComplete), index, after)]
        case .pause:
            // Now, or when the time is over.
            return [tell(.waited, index, world), tell(.waited, index, at: .seconds(601), world)]
        default:
            return []
        }
    }

    private func remote(_ clip: Clip) -> ClipSubmission.RemoteClip {
        ClipSubmission.RemoteClip(
            id: clip.id, state: clip.isComplete ? .published : .pendingUpload, owner: "\(clip.owner)",
            age: .seconds(clip.isOld ? 90_000 : 0), changeable: "m")
    }
}
