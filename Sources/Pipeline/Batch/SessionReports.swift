import ClipModel
import FoundationEssentials
import SystemIO

/// `batch.json` of each of many sessions: what the one over all says of its clips, as seen from the session's folder.
struct SessionReports {
    let output: OutputFolder
    /// By the sessions' names.
    private(set) var reports: [String: BatchReport] = [:]

    /// - Parameter all: The one over all; of a batch with one session there is nothing to write.
    init(of all: BatchReport, in output: OutputFolder) {
        self.output = output
        var entries: [String: [BatchReport.Entry]] = [:]
        for var entry in all.clips {
            guard let session = OutputFolder.session(of: entry.clip) else { continue }
            let folder = output.folder(ofSession: session)
            func moved(_ path: String) -> String {
                Path.relative(Path.resolve(path, below: output.path), to: folder.path)
            }
            entry.clip = OutputFolder.nameInSession(entry.clip)
            entry.file = moved(entry.file)
            entry.manifest = entry.manifest.map(moved)
            entries[session, default: []].append(entry)
        }
        for (session, clips) in entries { reports[session] = BatchReport(pipeline: all.pipeline, clips: clips) }
    }

    /// Writes those that are others than what is there; a server that is not given stays as it was.
    func write(_ servers: [String: ServerReport]) throws {
        for (session, report) in reports.sorted(by: { $0.key.comesBefore($1.key) }) {
            let folder = output.folder(ofSession: session)
            let earlier = Self.bytes(folder.report)
            // What can't be read is written anew, and a server is asked for again by whoever needs it.
            let known = earlier.flatMap { try? JSONDecoder().decode(BatchReport.self, from: $0) }
            let document = try CanonicalJSON.document(
                BatchReport(
                    pipeline: report.pipeline, clips: report.clips, compute: servers[session] ?? known?.compute))
            if document == earlier { continue }
            try Folder.make(folder.path)
            try DurableFile.write(document, to: folder.report)
        }
    }

    /// Nil where there is no file that can be read.
    private static func bytes(_ path: String) -> Data? {
        // What can't be read is written again.
        (try? OpenFile(path).contents(atMost: BatchReport.largestFile)).map { Data($0) }
    }
}
