package import ClipModel
import Glibc
import SystemIO

/// Why a worker gave no answer, as the clip's reason.
extension MediaError {
    package static func memoryLimit(_ bytes: Int64) -> MediaError {
        let text = bytes % (1 << 30) == 0 ? "\(bytes >> 30) GiB" : "\(bytes >> 20) MiB"
        return MediaError(.memoryLimit, "It was given up because it needed more than \(text) of memory.")
    }

    static func tooSlow(seconds: Int) -> MediaError {
        MediaError(.deadlineExceeded, "It was given up because it took longer than \(seconds) s.")
    }

    static func silent(_ silence: Duration) -> MediaError {
        MediaError(
            .deadlineExceeded,
            "It was given up because nothing of it could be decoded for \(silence.components.seconds) s.")
    }

    static let nonsense = MediaError(.workerCrashed, "The decoder gave an answer to this file that makes no sense.")

    static func unavailable(_ reason: String) -> MediaError {
        MediaError(.workerUnavailable, "The media worker can't be started: \(reason).")
    }

    /// Of a process that did not say that it is ready.
    ///
    /// - Parameter name: What it is called in the sentence.
    static func unavailable(
        _ error: any Error, _ ending: ChildProcess.Ending, _ limits: WorkerLimits, of name: String = "it"
    ) -> MediaError {
        switch (error, ending) {
        // Of the loader, before the program's first line.
        case (Channel.Failure.closed, .exited(127)):
            unavailable("\(name) can't load its libraries; run it by itself to see which of FFmpeg's are missing")
        case (Channel.Failure.closed, .exited(let code)): unavailable("\(name) ended with exit code \(code)")
        case (Channel.Failure.closed, .signalled(let signal)): unavailable("\(name) ended from signal \(signal)")
        case (Channel.Failure.timedOut, _):
            unavailable("\(name) was not ready within \(limits.start.components.seconds) s")
        default: unavailable("\(name) does not say what a worker says")
        }
    }

    /// Of a worker that ended in the midst of a file.
    init(_ ending: ChildProcess.Ending, _ limits: WorkerLimits) {
        switch ending {
        case .exited(WorkerExit.outOfMemory):
            self = .memoryLimit(limits.memory)
        case .exited(let code):
            self.init(.workerCrashed, "The decoder ended on this file (exit code \(code)).")
        case .signalled(SIGSYS):
            self.init(
                .workerCrashed,
                "The decoder was stopped on this file: it tried what it must not do (signal \(SIGSYS)).")
        case .signalled(SIGKILL):
            self.init(.workerKilled, "The decoder was killed on this file from outside (signal \(SIGKILL)).")
        case .signalled(let signal):
            self.init(.workerCrashed, "The decoder crashed on this file (signal \(signal)).")
        }
    }
}
