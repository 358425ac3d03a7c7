import ClipModel
import XboxServices

/// What the service has of our clips, found by the marker in `systemProperties`.
struct RemoteClips: Sendable {
    let client: GameClipsClient
    let scid: String

    /// Every clip of the caller that carries a marker of ours, by key; each key's in the order of how far they are.
    func byKey() async throws(ServiceFailure) -> [String: [Open<GameClip>]] {
        var clips: [String: [Open<GameClip>]] = [:]
        var query = ClipQuery()
        query.maxItems = 100
        var pages = client.clipPages(scid: scid, query).makeAsyncIterator()
        while let page = try await pages.next(isolation: nil) {
            for clip in page.gameClips {
                guard let marker = ClipMarker(in: clip.systemProperties), clip.named.identifier != nil else { continue }
                clips[marker.clipship, default: []].append(clip)
            }
        }
        return clips.mapValues { $0.sorted { Self.rank($0) < Self.rank($1) } }
    }

    private static func rank(_ clip: Open<GameClip>) -> Int {
        switch (clip.state ?? .none).outlook {
        case .published: 0
        case .underWay: 1
        case .waitingForBlocks: 2
        case .lost: 3
        }
    }
}

/// The same, asked for once a run and service configuration by whoever needs it first.
actor RemoteClipsSnapshot {
    private typealias Answer = Result<[String: [Open<GameClip>]], ServiceFailure>

    private let client: GameClipsClient
    private var answers: [String: Task<Answer, Never>] = [:]

    init(_ client: GameClipsClient) {
        self.client = client
    }

    func clips(of key: String, scid: String) async throws(ServiceFailure) -> [Open<GameClip>] {
        let answer = answers[scid] ?? ask(RemoteClips(client: client, scid: scid))
        answers[scid] = answer
        // A run that is cancelled is cancelled for every clip.
        let clips = await withTaskCancellationHandler {
            await answer.value
        } onCancel: {
            answer.cancel()
        }
        return try clips.get()[key] ?? []
    }

    private func ask(_ remote: RemoteClips) -> Task<Answer, Never> {
        Task {
            do throws(ServiceFailure) {
                return .success(try await remote.byKey())
            } catch {
                return .failure(error)
            }
        }
    }
}
