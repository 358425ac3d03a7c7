import CLinux
import ClipModel
import FoundationEssentials
import Glibc
import MediaKit
import SystemIO

/// The other side of `MediaWorkerPool`: a process that looks at files for the program, and can do nothing else.
public enum MediaWorkerProcess {
    /// Whether this process was started by a pool to be a worker, and not by a person who typed the same words.
    ///
    /// - Parameter words: The command line without the program's name.
    public static func isWanted(_ words: [String]) -> Bool {
        words.first == argument && words.count == 2 && isWorker
    }

    /// Answers requests until the program is gone. To be called on the main thread before any other is started.
    ///
    /// - Parameter words: The command line that `isWanted` was told.
    public static func run(_ words: [String]) -> Never {
        // The program says when a worker ends; whoever stops the program by a signal to all processes does not.
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE] { signal(number, SIG_IGN) }
        guard let socket = LocalSocket(owning: ChildProcess.descriptor), let memory = words.last.flatMap({ Int64($0) })
        else { _exit(2) }
        prepare()
        OutOfMemory.watch()
        let missing = LockDown.begin(memory: memory)
        HangUpWatch.start(on: socket.descriptor)
        let worker = Worker(Channel(socket: socket), memory: memory)
        worker.serve(WorkerHello(missing: missing))
        // No clean-up of the libraries, which might need what is no longer allowed.
        _exit(0)
    }

    static let argument = "media-worker"
    /// Set in the environment of every worker, so that none starts another.
    static let mark = "CLIPSHIP_MEDIA_WORKER"

    static var isWorker: Bool { getenv(mark) != nil }

    /// Has everything done that libraries put off until they are used for the first time, while files can be opened.
    private static func prepare() {
        // Heaps for each thread would be trimmed by a rule that the C library reads from /proc.
        _ = clinux_limit_heaps(1)
        // Stacks count as memory when there are many threads.
        _ = clinux_set_thread_stack(2 << 20)
        var facts = MediaFacts(
            container: "mp4", durationSeconds: 0.5, video: VideoFacts(codec: "", width: 1, height: 1, frameRate: "1/1"),
            audio: nil)
        facts.video.bitRate = 1
        let answer = AnswerMessage(MediaAnswer(facts: facts, creationTime: Timestamp(seconds: 0), warnings: [""]))
        let request = WorkerRequest(media: MediaRequest(thumbnails: ThumbnailRequest()))
        _ = try? JSONDecoder().decode(AnswerMessage.self, from: JSONEncoder().encode(answer))
        _ = try? JSONDecoder().decode(WorkerRequest.self, from: JSONEncoder().encode(request))
        _ = try? MediaEngine.examine(descriptor: -1, request: request.media)
    }
}
