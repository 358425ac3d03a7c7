import ClipModel
import FoundationEssentials
import SystemIO

/// `batch.json` of each of many sessions: what the one over all says of its clips, as seen from the session's folder.
struct SessionReports {
    let all: BatchReport
    let output: OutputFolder
    /// Where the clips of each session are in the report over all.
    private let places: [String: [Int]]

    /// - Parameter all: The one over all; of a batch with one session there is nothing to write.
    init(of all: BatchReport, in output: OutputFolder) {
        self.all = all
        self.output = output
        var places: [String: [Int]] = [:]
        for (place, entry) in all.clips.enumerated() {
            guard let session = OutputFolder.session(of: entry.clip) else { continue }
            places[session, default: []].append(place)
        }
        self.places = places
    }

    /// Writes those that are others than what is there; a server that is not given stays as it was.
    func write(_ servers: [String: ServerReport]) throws {
        for (session, places) in places.sorted(by: { $0.key.comesBefore($1.key) }) {
            let folder = output.folder(ofSession: session)
            let earlier = Self.bytes(folder.report)
            // What can't be read is written anew, and a server is asked for again by whoever needs it.
            let known = earlier.flatMap { try? JSONDecoder().decode(BatchReport.self, from: $0) }
            let document = try CanonicalJSON.document(
                BatchReport(
                    pipeline: all.pipeline, clips: places.map { entry(all.clips[$0], seenFrom: folder) },
                    compute: servers[session] ?? known?.compute))
            if document == earlier { continue }
            try Folder.make(folder.path)
            try DurableFile.write(document, to: folder.report)
        }
    }

    private func entry(_ entry: BatchReport.Entry, seenFrom folder: OutputFolder) -> BatchReport.Entry {
        func moved(_ path: String) -> String { Path.relative(Path.resolve(path, below: output.path), to: folder.path) }
        var entry = entry
        entry.clip = OutputFolder.nameInSession(entry.clip)
        entry.file = moved(entry.file)
        entry.manifest = entry.manifest.map(moved)
        return entry
    }

    /// Nil where there is no file that can be read.
    private static func bytes(_ path: String) -> Data? {
        // What can't be read is written again.
        (try? OpenFile(path).contents(atMost: BatchReport.largestFile)).map { Data($0) }
    }
}
