import FoundationEssentials
import Glibc
import MediaKit

/// Answers one request after the other.
final class Worker {
    let channel: Channel
    private let memory: Int64

    init(_ channel: consuming Channel, memory: Int64) {
        self.channel = channel
        self.memory = memory
    }

    /// Returns when the program is gone or speaks nonsense.
    func serve(_ hello: WorkerHello) {
        do {
            try channel.send(.hello, Array(JSONEncoder().encode(hello)))
            while true {
                var file: Int32?
                defer { if let file { close(file) } }
                let frame = try channel.receive(file: &file)
                guard frame.kind == .request, let file else { return }
                let request = try JSONDecoder().decode(WorkerRequest.self, from: Data(frame.bytes))
                #if DEBUG
                if let misbehaviour = request.misbehaviour { misbehave(misbehaviour) }
                #endif
                try answer(request.media, file)
            }
        } catch {
            return
        }
    }

    private func answer(_ request: MediaRequest, _ file: Int32) throws {
        let answer: MediaAnswer
        do throws(MediaError) {
            answer = try examine(request, file)
        } catch {
            return try channel.send(.refusal, Array(JSONEncoder().encode(error.cleaned)))
        }
        if let pictures = answer.thumbnails {
            try channel.send(.picture, Array(pictures.large))
            try channel.send(.picture, Array(pictures.small))
        }
        try channel.send(.answer, Array(JSONEncoder().encode(AnswerMessage(answer))))
    }

    /// A file that needs too much memory with several threads is tried with one: each holds frames of its own.
    private func examine(_ request: MediaRequest, _ file: Int32) throws(MediaError) -> MediaAnswer {
        do throws(MediaError) {
            let heartbeat = Heartbeat()
            return try MediaEngine.examine(descriptor: file, request: request) {
                // Whether the program still listens shows when the answer is sent.
                if heartbeat.isDue { try? self.channel.send(.progress) }
            }
        } catch {
            guard error.kind == .memoryLimit else { throw error }
            guard request.decoderThreads > 1 else { throw .memoryLimit(memory) }
            var request = request
            request.decoderThreads = 1
            return try examine(request, file)
        }
    }
}

/// When to tell that there is progress: once a second.
private final class Heartbeat {
    private var last = SuspendingClock.now

    var isDue: Bool {
        let now = SuspendingClock.now
        guard last.duration(to: now) >= .seconds(1) else { return false }
        last = now
        return true
    }
}
