import ClipModel
import FoundationEssentials

extension ControlService {
    /// `POST /_control/clips`: puts a clip into a state that it never gets into by itself here.
    func changeClip(_ body: Data) throws(Refusal) -> OutgoingResponse {
        var reader = try MemberReader(body)
        let id = reader.required(Key.id, reader.string(Key.id))
        let state: GameClipState? = reader.required(Key.state, reader.enumerator(Key.state, except: Self.ownStates))
        if reader.names.count != 2 { reader.reject("expected id and state") }
        try reader.check()
        guard let id, let state else { throw .badBody("expected id and state") }
        let isDone: Bool
        do {
            isDone = try gameClips.moderate(id, to: state)
        } catch {
            throw Refusal(error)
        }
        guard isDone else { throw .notFound("there is no such clip") }
        return .json(["id": id, "state": state.rawValue])
    }

    /// Clips get there by calls and by being processed.
    private static let ownStates: [GameClipState] = [
        .pendingUpload, .uploaded, .processing, .processed, .publishing, .published, .error, .deleted,
    ]

    private enum Key: String, CodingKey {
        case id, state
    }
}
