import CLinux
import ClipModel
import FoundationEssentials
import Glibc
import MediaKit
package import MediaWorker
import SystemIO

/// Answers one request after the other.
package final class Worker {
    package let channel: Channel
    private let engine: MediaEngine
    private let memory: Int64
    private let beforeEach: BeforeEach

    /// Is called with each file before it is looked at: for programs of tests.
    package typealias BeforeEach = (Worker, Int32) -> Void

    init(_ channel: consuming Channel, _ engine: MediaEngine, memory: Int64, beforeEach: @escaping BeforeEach) {
        self.channel = channel
        self.engine = engine
        self.memory = memory
        self.beforeEach = beforeEach
    }

    /// Returns when the program is gone or speaks nonsense.
    func serve(_ hello: WorkerHello) {
        do {
            try channel.send(.hello, Array(JSONEncoder().encode(hello)))
            while true {
                var file: Int32?
                let frame = try channel.receive(file: &file)
                guard frame.kind == .request, let file else { return }
                let request = try JSONDecoder().decode(MediaRequest.self, from: Data(frame.bytes))
                beforeEach(self, file)
                let answer = Result { () throws(MediaError) in try examine(request, file) }
                // Whoever has the answer may count on the file being let go.
                close(file)
                try send(answer)
            }
        } catch {
            return
        }
    }

    private func send(_ answer: Result<MediaAnswer, MediaError>) throws {
        switch answer {
        case .success(let answer):
            if let pictures = answer.thumbnails {
                try channel.send(.picture, Array(pictures.large))
                try channel.send(.picture, Array(pictures.small))
            }
            if let sheet = answer.sheet { try channel.send(.sheet, Array(sheet.jpeg)) }
            if let strip = answer.strip { try channel.send(.strip, Array(strip)) }
            try channel.send(.answer, Array(JSONEncoder().encode(AnswerMessage(answer))))
        case .failure(let error):
            try channel.send(.refusal, Array(JSONEncoder().encode(error.cleaned)))
        }
    }

    /// A file that needs too much memory with several threads is tried with one: each holds frames of its own.
    private func examine(_ request: MediaRequest, _ file: Int32) throws(MediaError) -> MediaAnswer {
        do throws(MediaError) {
            let heartbeat = Heartbeat()
            return try engine.examine(descriptor: file, request: request) {
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

// MARK: - The process

extension Worker {
    /// Has everything done that libraries put off until they are used for the first time, while files can be opened.
    static func prepare() {
        // Heaps for each thread would be trimmed by a rule that the C library reads from /proc.
        _ = clinux_limit_heaps(1)
        // Stacks count as memory when there are many threads.
        _ = clinux_set_thread_stack(2 << 20)
        var facts = MediaFacts(
            container: "mp4", durationSeconds: 0.5, video: VideoFacts(codec: "", width: 1, height: 1, frameRate: "1/1"),
            audio: nil)
        facts.video.bitRate = 1
        let answer = AnswerMessage(MediaAnswer(facts: facts, creationTime: Timestamp(seconds: 0), warnings: [""]))
        let request = MediaRequest(thumbnails: ThumbnailRequest())
        // Only what it loads is wanted; a failure comes again with the first file, and is told then.
        _ = try? JSONDecoder().decode(AnswerMessage.self, from: JSONEncoder().encode(answer))
        _ = try? JSONDecoder().decode(MediaRequest.self, from: JSONEncoder().encode(request))
        _ = try? MediaEngine(mapsColours: false).examine(descriptor: -1, request: request)
    }

    /// Answers requests until the program is gone; the process is a worker and nothing else from now on.
    ///
    /// - Parameters:
    ///   - engine: Has loaded what it needs.
    ///   - memory: Bytes that it may take beside what it has.
    static func run(_ engine: MediaEngine, memory: Int64, beforeEach: @escaping BeforeEach) -> Never {
        guard let socket = LocalSocket(owning: ForkServerMain.socket) else { _exit(2) }
        setpgid(0, 0)
        OutOfMemory.watch()
        let missing = LockDown.begin(memory: memory)
        ParentDeathMonitor.start(on: socket.descriptor)
        Worker(Channel(socket: socket), engine, memory: memory, beforeEach: beforeEach)
            .serve(WorkerHello(missing: missing))
        // No clean-up of the libraries, which might need what is no longer allowed.
        _exit(0)
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
