import ClipModel
import SystemIO
import XboxServices

/// What the service's lists have of our clips, found by the marker in `systemProperties`. One listing serves all who ask
/// at about the same time, and later ones page only as far back as there is something new.
actor RemoteIndex {
    private let client: GameClipsClient
    private let stopwatch: Stopwatch
    private let polling: Polling
    private var shelves: [String: Shelf] = [:]

    /// How old a listing may be that is to show who was there before us.
    private static let recently = Duration.seconds(5)
    /// After which a list that could not be had is asked for again: the longest wait of the back-off.
    private static let rest = Duration.seconds(60)

    /// Bytes of text that are kept of a listing: some ten thousand clips have as much. What there is no room for is looked at
    /// by itself when it matters.
    private static let room = 8 << 20

    /// So many listings may come at once, as long as there are no more in so many times the time between two.
    private static let burst = 4

    /// One service configuration's.
    private struct Shelf {
        /// The newest first.
        var order: [String] = []
        var clips: [String: Entry] = [:]
        var idsByKey: [String: Set<String>] = [:]
        var running: Task<Result<Void, ServiceFailure>, Never>?
        /// Listings whose first request is on its way or over.
        var begun = 0
        /// When the last ones began, as many as a burst has, the oldest first.
        var begins: [Duration] = []
        /// The last that is whole, and when it began.
        var done: (number: Int, begin: Duration)?
        var failure: (reason: ServiceFailure, time: Duration)?
        var trust = ClipSubmission.Trust.unknown
    }

    private struct Entry {
        /// Nil for one without a marker.
        var marked: MarkedClip?
        /// Of the listing that told of it last.
        var listing: Int
    }

    /// A clip with a marker. There may be hundreds of thousands without one, which are to take little.
    private final class MarkedClip: Sendable {
        let key: String
        /// What is compared of it; nil where there was no room for it.
        let clip: WithUnknownFields<GameClip>?

        init(key: String, clip: WithUnknownFields<GameClip>?) {
            self.key = key
            self.clip = clip
        }
    }

    private typealias Listed = (id: String, marked: MarkedClip?)

    init(_ client: GameClipsClient, _ stopwatch: Stopwatch, _ polling: Polling) {
        self.client = client
        self.stopwatch = stopwatch
        self.polling = polling
    }

    /// The clips of one key, the oldest first, and whether the list can be trusted.
    func clips(
        of key: String, scid: String, _ age: ClipSubmission.ListAge
    ) async throws(ServiceFailure) -> (clips: [WithUnknownFields<GameClip>], trust: ClipSubmission.Trust) {
        let wanted = (shelves[scid]?.begun ?? 0) + 1
        while !isEnough(scid, wanted, age) {
            if let failure = shelves[scid]?.failure, stopwatch.now - failure.time < Self.rest { throw failure.reason }
            let running = run(scid)
            // A run that is cancelled is cancelled for every clip.
            let outcome = await withTaskCancellationHandler {
                await running.value
            } onCancel: {
                running.cancel()
            }
            try outcome.get()
        }
        return (try await found(key, scid, age), shelves[scid]?.trust ?? .unknown)
    }

    /// Begins the first listing, for those who will ask soon.
    func begin(_ scid: String) {
        if shelves[scid] == nil { _ = run(scid) }
    }

    /// Ends the listings that nobody waits for any more.
    func close() async {
        for running in shelves.values.compactMap(\.running) {
            running.cancel()
            // What came of it matters to nobody.
            _ = await running.value
        }
    }

    /// What the list was seen to be; once it was seen to be blind, that stays.
    func note(_ trust: ClipSubmission.Trust, _ scid: String) {
        guard shelves[scid]?.trust != .isBlind else { return }
        shelves[scid, default: Shelf()].trust = trust
    }

    private func isEnough(_ scid: String, _ wanted: Int, _ age: ClipSubmission.ListAge) -> Bool {
        guard let done = shelves[scid]?.done else { return false }
        return switch age {
        case .new: done.number >= wanted
        case .recent: done.number >= wanted || done.begin >= stopwatch.now - Self.recently
        case .ofThisRun: true
        }
    }

    /// The listing that is under way, or another one.
    private func run(_ scid: String) -> Task<Result<Void, ServiceFailure>, Never> {
        let running = shelves[scid]?.running ?? Task(executorPreference: Blocking.threads) { await self.list(scid) }
        shelves[scid, default: Shelf()].running = running
        return running
    }

    private func list(_ scid: String) async -> Result<Void, ServiceFailure> {
        let result: Result<Void, ServiceFailure>
        do throws(ServiceFailure) {
            result = .success(try await read(scid))
        } catch {
            result = .failure(error)
            shelves[scid]?.failure = (error, stopwatch.now)
        }
        shelves[scid]?.running = nil
        return result
    }

    /// Reads pages until one has nothing new.
    private func read(_ scid: String) async throws(ServiceFailure) {
        var wait = polling.gathering
        // Those of the first clips, before and after their ids are issued, come one after the other.
        if let begins = shelves[scid]?.begins, begins.count == Self.burst {
            wait = max(wait, begins[0] + polling.betweenLists * Self.burst - stopwatch.now)
        }
        // Who is cancelled is told so by the call.
        if wait > .zero { try? await stopwatch.sleep(wait) }
        shelves[scid]?.begun += 1
        let (number, begin) = (shelves[scid]?.begun ?? 1, stopwatch.now)
        let begins = (shelves[scid]?.begins ?? []).suffix(Self.burst - 1) + [begin]
        shelves[scid]?.begins = Array(begins)
        var query = ClipQuery()
        query.maxItems = 100
        var newest: [Listed] = []
        var room = Self.room
        var isWhole = true
        var pages = client.clipPages(scid: scid, query).makeAsyncIterator()
        while let page = try await pages.next(isolation: self) {
            var clips: [Listed] = []
            for clip in page.gameClips {
                guard let id = clip.known.identifier else { continue }
                guard let key = ClipMarker(in: clip.systemProperties)?.clipship, !key.isEmpty else {
                    clips.append((id, nil))
                    continue
                }
                let compared = WithUnknownFields(clip.known.compared)
                room -= compared.known.textSize
                clips.append((id, MarkedClip(key: key, clip: room < 0 ? nil : compared)))
            }
            newest += clips
            if !clips.isEmpty, clips.allSatisfy({ shelves[scid]?.clips[$0.id] != nil }) {
                isWhole = false
                break
            }
        }
        keep(newest, isWhole: isWhole, of: number, scid)
        shelves[scid]?.done = (number, begin)
        shelves[scid]?.failure = nil
    }

    private func keep(_ newest: [Listed], isWhole: Bool, of number: Int, _ scid: String) {
        // Taken out, so that hundreds of thousands of clips are not copied.
        var shelf = shelves.removeValue(forKey: scid) ?? Shelf()
        defer { shelves[scid] = shelf }
        var older: ArraySlice<String> = []
        if !isWhole, let last = newest.last, let place = shelf.order.firstIndex(of: last.id) {
            older = shelf.order[(place + 1)...]
        }
        let replaced = shelf.order.dropLast(older.count)
        let there = replaced.isEmpty ? [] : Set(newest.map(\.id))
        for id in replaced where !there.contains(id) {
            if let key = shelf.clips[id]?.marked?.key { shelf.idsByKey[key]?.remove(id) }
            shelf.clips[id] = nil
        }
        for (id, marked) in newest {
            shelf.clips[id] = Entry(marked: marked, listing: number)
            if let marked { shelf.idsByKey[marked.key, default: []].insert(id) }
        }
        shelf.order = newest.map(\.id) + older
    }

    /// What an earlier listing told of is looked at again where that matters, for it may be further by now.
    private func found(
        _ key: String, _ scid: String, _ age: ClipSubmission.ListAge
    ) async throws(ServiceFailure) -> [WithUnknownFields<GameClip>] {
        guard let shelf = shelves[scid], let ids = shelf.idsByKey[key], !ids.isEmpty else { return [] }
        var clips: [WithUnknownFields<GameClip>] = []
        for id in shelf.order.reversed() where ids.contains(id) {
            guard let entry = shelf.clips[id] else { continue }
            if let clip = entry.marked?.clip, age == .ofThisRun || entry.listing == shelf.done?.number {
                clips.append(clip)
            } else if let clip = try await client.clipIfThere(id, scid: scid) {
                clips.append(clip)
            }
        }
        return clips
    }
}

extension GameClip {
    /// What `ClipSubmission.RemoteClip` is made of.
    fileprivate var compared: GameClip {
        var clip = GameClip()
        (clip.gameClipId, clip.state, clip.scid) = (identifier, state, scid)
        (clip.dateRecorded, clip.lastModified, clip.durationInSeconds) = (dateRecorded, lastModified, durationInSeconds)
        (clip.userCaption, clip.visibility, clip.titleData) = (userCaption, visibility, titleData)
        clip.systemProperties = systemProperties
        clip.gameClipUris = gameClipUris?.map { address in
            var address = WithUnknownFields(address.known)
            address.uri = ""
            return address
        }
        return clip
    }

    /// Bytes.
    fileprivate var textSize: Int {
        let texts = [gameClipId, scid, dateRecorded, lastModified, userCaption, titleData, systemProperties]
        return texts.reduce(0) { $0 + ($1?.utf8.count ?? 0) } + (gameClipUris?.count ?? 0) * 100
    }
}

extension GameClipsClient {
    /// Nil if it is gone.
    func clipIfThere(
        _ id: String, scid: String, window: RetryWindow? = nil
    ) async throws(ServiceFailure) -> WithUnknownFields<GameClip>? {
        do throws(ServiceFailure) {
            return try await clip(id, scid: scid, window: window)
        } catch {
            guard error.status == 404 || error.status == 410 else { throw error }
            return nil
        }
    }
}

extension ClipSubmission.RemoteClip {
    /// - Parameters:
    ///   - now: By the clock that markers go by.
    ///   - manifest: What it should be; nil where that isn't known.
    init?(_ clip: WithUnknownFields<GameClip>, now: Timestamp, manifest: Manifest?) throws {
        guard let id = clip.known.identifier else { return nil }
        let marker = ClipMarker(in: clip.systemProperties)
        let asked = marker?.asked ?? clip.lastModified.flatMap { Timestamp(parsing: $0) }
        let expected = manifest?.request.visibility ?? .default
        self.init(
            id: id, state: clip.state ?? .none, owner: marker?.owner,
            age: asked.map { .seconds(now.seconds - $0.seconds) },
            changeable: try ChangeableMembers(clip.known, expected: expected).digest())
        contradiction = manifest?.contradiction(of: clip.known)
        otherDate = manifest?.otherDate(of: clip.known)
    }
}

extension Manifest {
    /// Services count whole seconds, and not every version of a decoder counts the same.
    private static let nearlyEqual: Int64 = 2

    /// What the service says of a clip that can't be this one, whatever marker it carries; nil if nothing. Whose it is need
    /// not be looked at: the list is of the account's own clips.
    fileprivate func contradiction(of clip: GameClip) -> String? {
        if let other = clip.scid, other.lowercased() != scid.lowercased() {
            return "the service configuration \(other)"
        }
        if let duration = clip.durationInSeconds, duration > 0,
            abs(Int64(duration) - Int64(request.durationInSeconds)) > Self.nearlyEqual
        {
            return "a duration of \(duration) s instead of \(request.durationInSeconds) s"
        }
        for uri in clip.gameClipUris ?? [] where uri.uriType == .original || uri.uriType == .download {
            if let size = uri.fileSize, size > 0, size != file.size {
                return "\(size) bytes instead of \(file.size)"
            }
        }
        return nil
    }

    fileprivate func otherDate(of clip: GameClip) -> String? {
        guard let text = clip.dateRecorded, let date = Timestamp(parsing: text),
            let expected = Timestamp(parsing: request.dateRecorded), abs(date.seconds - expected.seconds) > 1
        else { return nil }
        return date.description
    }
}
