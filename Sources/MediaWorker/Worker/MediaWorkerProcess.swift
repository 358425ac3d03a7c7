import CLinux
import Glibc

/// How the program becomes the process that media workers come from.
public enum MediaWorkerProcess {
    /// Whether this process was started by a `WorkerNursery` to be one, and not by a person who typed the same word.
    ///
    /// - Parameter words: The command line without the program's name.
    public static func isWanted(_ words: [String]) -> Bool {
        words == [argument] && isMarked
    }

    /// Starts workers until the program is gone. To be called on the main thread before any other is started.
    public static func run() -> Never {
        Nursery.serve()
    }

    static let argument = "media-worker"
    /// Set in the environment of every nursery that was started as a program, so that none starts another.
    static let mark = "CLIPSHIP_MEDIA_WORKER"

    static var isMarked: Bool { getenv(mark) != nil }
}
