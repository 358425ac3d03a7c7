import ClipModel
import FoundationEssentials
import MediaWorker

extension Flag {
    static let jobs = Flag(
        name: "--jobs", value: "N", help: "clips that are decoded at the same time (default: one per core)")
    static let format = Flag(
        name: "--format", value: "FORMAT", help: "table (default) or json", choices: ["table", "json"])
}

extension Arguments {
    /// `--jobs`, or the number of cores.
    func jobs() throws(UsageError) -> Int {
        try integer(.jobs, in: 1...256).map(Int.init) ?? ProcessInfo.processInfo.activeProcessorCount
    }

    /// Whether `--format json` was asked for.
    func wantsJSON() throws(UsageError) -> Bool {
        try choice(.format, [("table", false), ("json", true)]) ?? false
    }
}

extension Console {
    /// A result as an object on a line, or as a sentence.
    func show(_ facts: [String: JSONValue], _ sentence: @autoclosure () -> String) throws {
        if resultsAreJSON { print(try CanonicalJSON.line(facts)) } else { print(sentence()) }
    }
}

extension MediaWorkerPool {
    /// The workers of a command, which says on the console which protection they lack.
    convenience init(width: Int, _ console: Console) {
        self.init(width: width, forkServer: ClipshipProgram.forkServer) { console.warning($0) }
    }
}
