import ClipModel
import ConfigFiles
import SystemIO
public import XboxServices

/// The statistics of a run: those that an earlier run has kept, unless they are about something else or are to be
/// fetched again.
struct StatisticsStage: Sendable {
    let options: StatisticsOptions
    let query: StatisticsQuery
    let path: String

    /// Nil for a pipeline that wants none.
    init?(_ pipeline: PipelineFile) {
        guard let options = pipeline.statistics else { return nil }
        self.options = options
        query = options.query(for: pipeline.session)
        path = OutputFolder(pipeline.output).statistics
    }

    /// What is kept and fits.
    func kept() throws(RunError) -> [PlayerStatistic]? {
        try StatisticsFile.kept(at: path, for: query)
    }

    /// Asks the service and keeps the answer.
    func fetch(from session: ServiceSession) async throws(RunError) -> [PlayerStatistic] {
        guard let client = UserStatsClient(session) else {
            throw .service("statistics are wanted, and \"service\" has no address for them: add stats: URL")
        }
        let statistics: [PlayerStatistic]
        do throws(ServiceFailure) {
            statistics = try await client.statistics(query, size: options.batchSize)
        } catch {
            throw .stopped(ClipFailure(error))
        }
        try StatisticsFile(query: query, statistics: statistics).write(to: path)
        return statistics
    }

    /// The same by a connection of its own.
    func fetch(
        from target: ServiceTarget, stop: StopSignal, requests: (any RequestObserver)?
    ) async throws(RunError) -> [PlayerStatistic] {
        let link = try ServiceLink(to: target, stop: stop, requests: requests)
        let result: Result<[PlayerStatistic], RunError>
        do throws(RunError) { result = .success(try await fetch(from: link.session)) } catch {
            result = .failure(error)
        }
        await link.close()
        return try result.get()
    }
}

extension BatchPlan {
    /// Whether a run has to ask for statistics before it can write manifests.
    public func needsStatistics(refreshing: Bool) throws(RunError) -> Bool {
        for stage in sessions.compactMap({ StatisticsStage($0) }) {
            if refreshing { return true }
            if try stage.kept() == nil { return true }
        }
        return false
    }

    /// Asks for those that are not kept yet, or for all where that is wanted, and keeps them.
    public func fetchStatistics(
        from target: ServiceTarget, stop: StopSignal, requests: (any RequestObserver)?
    ) async throws(RunError) {
        for (index, own) in sessions.enumerated() {
            guard let stage = StatisticsStage(own),
                clips.contains(where: { $0.session == index && $0.failure == nil })
            else { continue }
            if !pipeline.refreshesStatistics, try stage.kept() != nil { continue }
            do throws(FileError) { try Folder.make(Path.parent(of: stage.path)) } catch { throw .file(error) }
            _ = try await stage.fetch(from: target, stop: stop, requests: requests)
        }
    }

    /// With the statistics that are kept, if there are any.
    public func withKeptStatistics() throws -> BatchPlan {
        try filled(with: sessions.map { try StatisticsStage($0)?.kept() })
    }
}

extension BatchRunner {
    /// The plan with its statistics filled in.
    func planWithStatistics() async throws(RunError) -> BatchPlan {
        let stages = plan.sessions.map { StatisticsStage($0) }
        guard stages.contains(where: { $0 != nil }) else { return plan }
        var statistics: [[PlayerStatistic]?] = []
        for (index, stage) in stages.enumerated() {
            guard let stage, plan.clips.contains(where: { $0.session == index && $0.failure == nil }) else {
                statistics.append(nil)
                continue
            }
            statistics.append(try await self.statistics(of: stage))
        }
        do throws(ConfigurationError) {
            return try plan.filled(with: statistics)
        } catch {
            throw .service(error.description)
        }
    }

    private func statistics(of stage: StatisticsStage) async throws(RunError) -> [PlayerStatistic] {
        let count = "\(stage.query.statistics.count) of each of \(stage.query.users.count) players"
        let shown = Path.shown(stage.path)
        if !plan.pipeline.refreshesStatistics, let kept = try stage.kept() {
            observer.observe(.notice("statistics: \(count), kept in \(shown); --refresh-statistics asks again"))
            return kept
        }
        guard let services else { throw .service("there is no service to ask for statistics") }
        observer.observe(.notice("statistics: asking for \(count)"))
        return try await stage.fetch(from: services, stop: stop, requests: requests)
    }
}
