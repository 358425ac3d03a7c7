import CLinux
import FoundationEssentials
import Glibc
import MediaKit
import SystemIO

/// One worker as the program sees it. Used by one thread at a time.
final class WorkerProcess: Sendable {
    /// What the worker lacks.
    let missing: [Protection]
    let id: Int32
    private let channel: Channel
    private let limits: WorkerLimits
    /// Nil once it has ended.
    private let child: Guarded<ChildProcess?>

    /// Starts a worker and waits until it is locked down. Blocks.
    init(_ executable: String, _ limits: WorkerLimits) throws(MediaError) {
        guard !MediaWorkerProcess.isWorker else { throw .unavailable("a worker starts no other") }
        let child: ChildProcess
        let socket: LocalSocket
        do throws(FileError) {
            let pair = try LocalSocket.pair()
            child = try ChildProcess(
                executable, arguments: ["clipship", MediaWorkerProcess.argument, "\(limits.memory)"],
                environment: Self.environment, descriptor: pair.theirs.descriptor,
                sharesErrors: clinux_is_sanitized() == 1)
            socket = pair.ours
        } catch {
            throw .unavailable(error.description)
        }
        channel = Channel(socket: socket)
        id = child.id
        self.limits = limits
        do {
            let frame = try channel.receive(until: .now + limits.start)
            guard frame.kind == .hello else { throw Channel.Failure.malformed }
            missing = try JSONDecoder().decode(WorkerHello.self, from: Data(frame.bytes)).missing
        } catch {
            throw .unavailable(Self.reason(error, child.end(), limits))
        }
        self.child = Guarded(child)
    }

    private static func reason(_ error: any Error, _ ending: ChildProcess.Ending, _ limits: WorkerLimits) -> String {
        switch (error, ending) {
        case (Channel.Failure.closed, .exited(let code)): "it ended with exit code \(code)"
        case (Channel.Failure.closed, .signalled(let signal)): "it ended from signal \(signal)"
        case (Channel.Failure.timedOut, _): "it was not ready within \(limits.start.components.seconds) s"
        default: "it does not say what a worker says"
        }
    }

    /// What a worker is told of the environment: where its libraries are, and what a sanitizer of a test build needs.
    private static var environment: [String: String] {
        var environment = [MediaWorkerProcess.mark: "1", "SWIFT_BACKTRACE": "enable=no"]
        for name in ["LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"] {
            environment[name] = getenv(name).map { String(cString: $0) }
        }
        return environment
    }

    /// False if it has ended, or said something that it was not asked for.
    var isReady: Bool {
        child.withLock { $0 != nil } && (try? channel.socket.waitUntilReadable(until: .now)) == false
    }

    /// Kills it.
    @discardableResult
    func end() -> ChildProcess.Ending? {
        child.withLock { $0.take() }?.end()
    }
}

// MARK: - One request

extension WorkerProcess {
    /// Has a file looked at. Blocks. A worker that gave no proper answer has ended when this throws; `isReady` says so.
    func examine(_ file: OpenFile, _ request: WorkerRequest) throws(MediaError) -> MediaAnswer {
        let seconds = min(max(request.media.deadlineSeconds, 1), 86_400)
        // A worker that keeps the time itself says more, so it is given a moment.
        let end = SuspendingClock.now + .seconds(seconds) + .seconds(1)
        do {
            try channel.send(.request, Array(JSONEncoder().encode(request)), file: file.descriptor, waits: false)
            return try receive(request.media, until: end)
        } catch let error as MediaError {
            throw error
        } catch {
            throw failure(error, isLate: SuspendingClock.now >= end, seconds)
        }
    }

    private func receive(_ request: MediaRequest, until end: SuspendingClock.Instant) throws -> MediaAnswer {
        var pictures: [[UInt8]] = []
        while true {
            let frame = try channel.receive(until: min(end, .now + limits.silence))
            switch frame.kind {
            case .progress:
                continue
            case .picture where pictures.count < 2:
                pictures.append(frame.bytes)
            case .answer:
                let message = try JSONDecoder().decode(AnswerMessage.self, from: Data(frame.bytes))
                guard let answer = message.checked(pictures, for: request) else { throw Channel.Failure.malformed }
                return answer
            case .refusal:
                throw try JSONDecoder().decode(MediaError.self, from: Data(frame.bytes)).cleaned
            case .picture, .request, .hello:
                throw Channel.Failure.malformed
            }
        }
    }

    private func failure(_ error: any Error, isLate: Bool, _ seconds: Int) -> MediaError {
        let ending = end()
        return switch error {
        case Channel.Failure.timedOut: isLate ? .tooSlow(seconds: seconds) : .silent(limits.silence)
        case Channel.Failure.closed: ending.map { MediaError($0, limits) } ?? .nonsense
        default: .nonsense
        }
    }
}
