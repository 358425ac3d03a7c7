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
    /// The records and files of the embedded local service.
    public var localService: String { "\(path)/local-service" }

    func manifest(of clip: String) -> String { "\(manifests)/\(clip).json" }
    func blocks(of clip: String) -> String { "\(blocks)/\(clip)" }
    func thumbnail(of clip: String, _ size: String) -> String { "\(thumbnails)/\(clip).\(size).jpg" }
}
