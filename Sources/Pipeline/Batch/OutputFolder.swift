import SystemIO

/// Where things are in an output folder.
public struct OutputFolder: Hashable, Sendable {
    /// Absolute.
    public let path: String

    public init(_ path: String) {
        self.path = Path.absolute(path)
    }

    public var manifests: String { "\(path)/manifests" }
    public var thumbnails: String { "\(path)/thumbnails" }
    public var blocks: String { "\(path)/blocks" }
    public var report: String { "\(path)/batch.json" }
    /// The same for people.
    public var page: String { "\(path)/report.html" }
    /// Where the time of the last run went.
    public var timings: String { "\(path)/timings.json" }
    public var statistics: String { "\(path)/statistics.json" }
    public var journal: String { "\(path)/journal.db" }
    /// Held while a run is at work here.
    var lock: String { "\(path)/journal.lock" }
    /// What `UpToDateStamp` keeps; may be removed at any time.
    var seal: String { "\(path)/unchanged.seal" }
    /// What `DueHooks` keeps.
    var dueHooks: String { "\(path)/hooks-due.json" }
    /// The records and files of the embedded local service.
    public var localService: String { "\(path)/local-service" }

    /// The shards of a plan that is here.
    public var shards: String { "\(path)/shards" }

    func manifest(of clip: String) -> String {
        "\(folder(of: clip).manifests)/\(Self.nameInSession(clip)).json"
    }
    func blocks(of clip: String) -> String { "\(folder(of: clip).blocks)/\(Self.nameInSession(clip))" }
    /// - Parameter size: `large`, `small` or `sheet`.
    func thumbnail(of clip: String, _ size: String) -> String {
        "\(folder(of: clip).thumbnails)/\(Self.nameInSession(clip)).\(size).jpg"
    }
    /// Says when which part of a sprite is to be shown.
    func track(of clip: String) -> String {
        "\(folder(of: clip).thumbnails)/\(Self.nameInSession(clip)).sheet.vtt"
    }
}

// MARK: - Many sessions

extension OutputFolder {
    /// Names that no session's folder may have.
    static let ownNames: Set = ["manifests", "thumbnails", "blocks", "shards", "local-service"]

    /// The folder of one of many sessions.
    func folder(ofSession name: String) -> OutputFolder { OutputFolder(normalised: "\(path)/\(name)") }

    /// Where what is made of a clip is: its session's folder, or this one.
    private func folder(of clip: String) -> OutputFolder {
        Self.session(of: clip).map(folder(ofSession:)) ?? self
    }

    /// The session's part of a clip's name; nil where there is one session only.
    static func session(of clip: String) -> String? {
        clip.utf8.firstIndex(of: UInt8(ascii: "/")).map { String(clip[..<$0]) }
    }

    /// The rest of it.
    static func nameInSession(_ clip: String) -> String {
        clip.utf8.firstIndex(of: UInt8(ascii: "/")).map { String(clip[clip.utf8.index(after: $0)...]) } ?? clip
    }

    private init(normalised path: String) { self.path = path }
}
