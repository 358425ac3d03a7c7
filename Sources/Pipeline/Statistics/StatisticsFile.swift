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

    private enum CodingKeys: String, CodingKey {
        case format, statistics
        case query = "wish"
    }

    init(query: StatisticsQuery, statistics: [PlayerStatistic]) {
        format = Self.currentFormat
        self.query = query
        self.statistics = statistics
    }

    /// Nil if there is none, or if it is about something else.
    static func kept(at path: String, for query: StatisticsQuery) throws(RunError) -> [PlayerStatistic]? {
        do {
            let file = try OpenFile(path)
            let text = try file.bytes(in: 0..<min(file.identity().size, 1 << 28))
            let kept = try StrictJSON.decode(Self.self, from: Data(text))
            return kept.format == currentFormat && kept.query.wantsTheSame(as: query) ? kept.statistics : nil
        } catch let error as FileError {
            if error.isNotFound { return nil }
            throw .file(error)
        } catch {
            throw .service(
                "\(Path.shown(path)) can't be read (\((error as? DecodingError)?.sentence ?? "\(error)")); "
                    + "remove it, or fetch the statistics again with --refresh-statistics")
        }
    }

    /// Whole or not at all.
    func write(to path: String) throws(RunError) {
        do {
            try DurableFile.write(CanonicalJSON.document(self), to: path)
        } catch let error as FileError {
            throw .file(error)
        } catch {
            throw .service("\(Path.shown(path)) can't be written: \(error)")
        }
    }
}
