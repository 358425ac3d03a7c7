import ClipModel
import FoundationEssentials
import MediaWorker
import Pipeline
import SystemIO

extension Flag {
    static let jobs = Flag(
        name: "--jobs", value: "N",
        help: "clips that are decoded at the same time (default: one per core that it may use)")
    static let format = Flag(
        name: "--format", value: "FORMAT", help: "table (default) or json", choices: ["table", "json"])
}

extension Arguments {
    /// `--jobs`, or the number of cores that the process may use.
    func jobs() throws(UsageError) -> Int {
        try integer(.jobs, in: 1...256).map(Int.init)
            ?? min(256, Allotment.current(ProcessInfo.processInfo.environment).processors)
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
    /// Bytes that each of `count` workers may take where all of clipship may take `memory`: the usual limit, or less where
    /// that would be too much, but never less than most clips need.
    static func memory(of count: Int, in memory: Int64) -> Int64 {
        let (own, least): (Int64, Int64) = (256 << 20, 384 << 20)
        return min(WorkerLimits().memory, max(least, (memory - own) / Int64(count)))
    }

    /// The workers of a command, which says on the console which protection they lack.
    convenience init(width: Int, _ console: Console) {
        var limits = WorkerLimits()
        if let memory = Allotment.current(ProcessInfo.processInfo.environment).memory {
            limits.memory = Self.memory(of: max(1, width), in: memory)
        }
        self.init(width: width, forkServer: ClipshipProgram.forkServer, limits: limits) { console.warning($0) }
    }

    /// What one worker says of one file; its warnings go to the console.
    ///
    /// - Throws: A `Failure` that names the file; temporary where the error may pass by itself.
    static func answer(
        of file: OpenFile, at path: String, _ request: MediaRequest, _ console: Console
    ) async throws -> MediaAnswer {
        let media = MediaWorkerPool(width: 1, console)
        media.prepare()
        do throws(MediaError) {
            let answer = try await media.examine(file, request)
            await media.close()
            for warning in answer.warnings { console.info("\(path): warning: \(warning)") }
            return answer
        } catch {
            await media.close()
            throw Failure("\(Path.shown(path)): \(error.message)", error.isTemporary ? .temporary : .someFailed)
        }
    }
}
