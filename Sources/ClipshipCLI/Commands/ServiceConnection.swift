import ClipModel
import LocalService
import MediaWorker
import Pipeline
import SystemIO
import XboxServices

/// The services that a command submits to: remote ones, or the local service inside this process.
struct ServiceConnection: Sendable {
    private(set) var target: ServiceTarget
    private let embedded: LocalService?
    /// Of the local service.
    private let media: MediaWorkerPool?

    /// - Parameter output: Where the local service keeps its data.
    static func open(
        _ options: ServiceOptions, output: OutputFolder, console: Console
    ) async throws -> ServiceConnection {
        switch options {
        case .remote(let remote):
            do {
                return ServiceConnection(target: try ServiceTarget(remote), embedded: nil, media: nil)
            } catch let error as FileError {
                throw Failure(
                    "the service's certificates can't be used: \(error)", error.isTemporary ? .temporary : .usage)
            } catch {
                throw Failure("the service's address can't be used: \(error)", .usage)
            }
        case .embedded(let options):
            var configuration = LocalService.Configuration(dataFolder: output.localService)
            let media = MediaWorkerPool(width: 2, console)
            configuration.media = media
            if let file = options.statistics {
                configuration.statistics = try StatisticsTable(reading: Path.shown(file))
            }
            configuration.servers.capacity = options.servers
            configuration.servers.queueTime = options.queueTime
            configuration.report = { event in
                if case .problem(let text) = event { console.info("local service: \(text)") }
            }
            try Folder.make(output.localService, access: .owner)
            let service = try LocalService(configuration)
            let address = try service.start()
            guard let token = Token(service.developerToken, userHash: "local") else {
                throw Failure(
                    "the local service's token can't be used; remove \(output.localService)/tokens.json", .usage)
            }
            return ServiceConnection(
                target: try ServiceTarget(localAt: address.baseURL, token: token), embedded: service, media: media)
        }
    }

    /// The same with calls that are tried again for `time`; nil for as long as before.
    func trying(for time: Duration?) -> ServiceConnection {
        var connection = self
        if let time { connection.target.retryTime = time }
        return connection
    }

    /// Ends the local service, if it is ours.
    func close() async {
        await embedded?.stop()
        await media?.close()
    }
}
