/// Decides which clips are ready to be worked off while sessions go on. A value without I/O; times are durations from a
/// common origin.
public struct SessionWatch {
    /// A clip as it was found.
    public struct Clip: Hashable, Sendable {
        /// Absolute.
        public var path: String
        /// Of its session; absolute.
        public var folder: String
        /// Changes with the file.
        public var identity: String
        /// The file that `SessionEnd.file` names is in the folder.
        public var isMarkedDone: Bool

        public init(path: String, folder: String, identity: String, isMarkedDone: Bool = false) {
            self.path = path
            self.folder = folder
            self.identity = identity
            self.isMarkedDone = isMarkedDone
        }
    }

    private struct Seen {
        var identity: String
        /// When it was first seen so.
        var since: Duration
        /// Nothing is left to do for it as it is.
        var isDone = false
        /// It is not tried before.
        var notBefore = Duration.zero
    }

    private let end: SessionEnd
    private var seen: [String: Seen] = [:]

    public init(_ end: SessionEnd) {
        self.end = end
    }

    /// The paths of the clips whose sessions are over and for which something is left to do.
    public mutating func look(at clips: [Clip], now: Duration) -> Set<String> {
        var next: [String: Seen] = [:]
        for clip in clips {
            if let before = seen[clip.path], before.identity == clip.identity {
                next[clip.path] = before
            } else {
                next[clip.path] = Seen(identity: clip.identity, since: now)
            }
        }
        seen = next
        var running: Set<String> = []
        for clip in clips where !isOver(clip, now) { running.insert(clip.folder) }
        let ready = clips.filter { clip in
            guard !running.contains(clip.folder), let seen = seen[clip.path] else { return false }
            return !seen.isDone && seen.notBefore <= now
        }
        return Set(ready.map(\.path))
    }

    private func isOver(_ clip: Clip, _ now: Duration) -> Bool {
        switch end {
        case .quiet(let time): seen[clip.path].map { now - $0.since >= time } ?? false
        case .file: clip.isMarkedDone
        case .manifest: true
        }
    }

    /// Nothing is left to do for a clip until its file changes.
    public mutating func done(_ path: String) { seen[path]?.isDone = true }

    /// It is tried again, not before `time`.
    public mutating func postpone(_ path: String, until time: Duration) { seen[path]?.notBefore = time }

    /// When a look may find something without any file having changed; nil if it can't.
    public func nextChange(after now: Duration) -> Duration? {
        let times = seen.values.filter { !$0.isDone }.flatMap { seen -> [Duration] in
            if case .quiet(let time) = end { return [seen.since + time, seen.notBefore] }
            return [seen.notBefore]
        }
        return times.filter { $0 > now }.min()
    }
}
