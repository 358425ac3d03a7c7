import ClipModel
import FoundationEssentials
import Support
import SystemIO

/// `statistics.json` in an output folder: what the service said, kept so that manifests can be made again without it.
struct StatisticsFile: Codable, Hashable, Sendable {
    static let currentFormat = "clipship-statistics/1"

    var format: String
    /// What was asked for.
    var query: StatisticsQuery
    /// One for each player and statistic, in the order of the query.
    var statistics: [PlayerStatistic]
    /// Of all other members as one line of canonical JSON; nil in a file from before that was kept.
    var sha256: SHA256Digest?

    private enum CodingKeys: String, CodingKey {
        case format, statistics, sha256
        case query = "wish"
    }

    /// Bytes that are read of one.
    static let largest: Int64 = 64 << 20

    init(query: StatisticsQuery, statistics: [PlayerStatistic]) {
        format = Self.currentFormat
        self.query = query
        self.statistics = statistics
    }

    /// Nil if there is none, or if it is about something else.
    static func kept(at path: String, for query: StatisticsQuery) throws(RunError) -> [PlayerStatistic]? {
        do {
            let text = try OpenFile(path).contents(atMost: largest)
            let kept = try StrictJSON.decode(Self.self, from: Data(text))
            guard try kept.sha256.map({ try $0 == kept.digest() }) ?? true else { throw Changed() }
            return kept.format == currentFormat && kept.query.wantsTheSame(as: query) ? kept.statistics : nil
        } catch let error as FileError {
            if error.isNotFound { return nil }
            throw .file(error)
        } catch {
            throw .service(
                "\(Path.shown(path)) can't be read (\(error)); "
                    + "remove it, or fetch the statistics again with --refresh-statistics")
        }
    }

    private struct Changed: Error, CustomStringConvertible {
        var description: String { "it was changed after clipship wrote it" }
    }

    private func digest() throws -> SHA256Digest {
        var rest = self
        rest.sha256 = nil
        return try SHA256Hasher.digest(of: CanonicalJSON.line(rest).bytes)
    }

    /// Whole or not at all.
    func write(to path: String) throws(RunError) {
        do {
            var file = self
            file.sha256 = try digest()
            try DurableFile.write(CanonicalJSON.document(file), to: path)
        } catch let error as FileError {
            throw .file(error)
        } catch {
            throw .service("\(Path.shown(path)) can't be written: \(error)")
        }
    }
}
