import CLinux
import ClipModel
import FoundationEssentials
import Glibc
import MediaKit
import MediaWorker
import SystemIO

/// A process that has all that decoding needs, once for all, and divides itself for each worker that is wanted.
///
/// Loading FFmpeg and what it depends on takes longer than decoding many a thumbnail. The fork server never sees a file;
/// its workers lock themselves down before they see one.
public enum ForkServerMain {
    /// Where the socket to the program is, in the fork server and in each worker: the filter of system calls knows it.
    static let socket = ChildProcess.descriptor

    /// Serves the program that started this one until that is gone. To be called on the main thread, before any other is
    /// started.
    public static func serve() -> Never { serve { _, _ in } }

    package static func serve(beforeEach: @escaping Worker.BeforeEach) -> Never {
        // The program says when a worker ends; whoever stops the program by a signal to all processes does not.
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE] { signal(number, SIG_IGN) }
        // How a worker ended is to be learnt, whatever this process was started with.
        signal(SIGCHLD, SIG_DFL)
        if clinux_argument_count() == 2, clinux_argument(1).map({ String(cString: $0) }) == "--features" {
            tellFeatures()
        }
        guard let socket = LocalSocket(owning: socket) else {
            let text =
                "clipship-media \(Version.current): clipship starts it to look at clips; by itself it does nothing\n"
            _ = Array(text.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            exit(2)
        }
        let channel = Channel(socket: socket)
        do {
            Worker.prepare()
            try channel.send(.hello, Array(JSONEncoder().encode(ForkServerHello())))
            while true {
                var theirs: Int32?
                let frame = try channel.receive(file: &theirs)
                guard frame.kind == .order else { break }
                defer { if let theirs { close(theirs) } }
                let order = try JSONDecoder().decode(Numbered<ForkServerOrder>.self, from: Data(frame.bytes))
                let report = Numbered(number: order.number, content: carryOut(order.content, theirs, beforeEach))
                try channel.send(.report, Array(JSONEncoder().encode(report)))
            }
        } catch {}
        _exit(0)
    }

    /// For `clipship check --doctor` and `clipship --version --verbose`.
    private static func tellFeatures() -> Never {
        let features = MediaFeatures(
            version: FFmpegFeatures.version, libraries: FFmpegFeatures.libraries, decoders: FFmpegFeatures.decoders)
        guard let line = try? CanonicalJSON.line(features) else { exit(1) }
        let count = Array(line).withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        exit(count == line.count ? 0 : 1)
    }

    private static func carryOut(
        _ order: ForkServerOrder, _ theirs: Int32?, _ beforeEach: @escaping Worker.BeforeEach
    ) -> ForkServerReport {
        switch order {
        case .start(let memory, let mapsColours):
            guard let theirs else { return .notStarted(code: EINVAL) }
            // A worker can load nothing any more.
            let engine = MediaEngine(mapsColours: mapsColours)
            let id = clinux_fork()
            if id == 0 {
                guard dup2(theirs, socket) == socket else { _exit(2) }
                Descriptors.close(from: socket + 1)
                Worker.run(engine, memory: memory, beforeEach: beforeEach)
            }
            return id > 0 ? .started(id: id) : .notStarted(code: errno)
        case .end(let id):
            return .ended(status: end(id))
        }
    }

    /// How a worker ended that is gone when this returns. One of a fork server before this one ends by itself.
    private static func end(_ id: Int32) -> Int32 {
        // A child's number is not given to another process before it is waited for; that of no child may be anybody's.
        var status: Int32 = 0
        guard id > 0 else { return SIGKILL }
        var found = waitpid(id, &status, WNOHANG)
        if found == 0 {
            kill(id, SIGKILL)
            repeat { found = waitpid(id, &status, 0) } while found == -1 && errno == EINTR
        }
        return found == id ? status : SIGKILL
    }
}
