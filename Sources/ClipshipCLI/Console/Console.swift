import ClipModel
import FoundationEssentials
import Glibc
import SystemIO
import Support

/// Standard output for results, standard error for everything else.
final class Console: Sendable {
    enum Level: Int, Sendable {
        case quiet
        case normal
        case verbose
    }

    let level: Level
    /// One JSON object a line on standard error.
    let logsJSON: Bool
    /// JSON on standard output (`--format json`).
    let resultsAreJSON: Bool
    /// Of results.
    let colour: Colour
    /// Of everything else.
    let errorColour: Colour
    /// There is a terminal behind standard error, on which progress is drawn.
    let showsProgress: Bool
    /// Lines that a progress display has drawn and that have to go before anything else is written.
    private let transient = Locked(DrawnLines())
    /// The error number of the first result that could not be written; 0 for none.
    private let outputError = Locked<Int32>(0)
    private let outages = Locked(Outages())
    private let origin = ContinuousClock.now

    init(
        level: Level = .normal, logsJSON: Bool = false, resultsAreJSON: Bool = false,
        colour choice: Colour.Choice = .automatic
    ) {
        self.level = level
        self.resultsAreJSON = resultsAreJSON
        self.logsJSON = logsJSON
        let isDumb = getenv("TERM").map { String(cString: $0) } == "dumb"
        let (output, errors) = (Terminal.size(of: STDOUT_FILENO) != nil, Terminal.size(of: STDERR_FILENO) != nil)
        showsProgress = level != .quiet && !logsJSON && !isDumb && errors
        let environment = ProcessInfo.processInfo.environment
        colour = Colour(isOn: choice.isOn(onTerminal: output, environment))
        errorColour = Colour(isOn: !logsJSON && choice.isOn(onTerminal: errors, environment))
    }

    /// A result.
    func print(_ text: String) {
        transient.withLock { lines in
            erase(&lines)
            let code = Self.write(shown(text, colour) + "\n", to: STDOUT_FILENO)
            outputError.withLock { if $0 == 0 { $0 = code } }
        }
    }

    /// The exit code of a command that ended with `code`: lost results are no success. A reader that went away has seen
    /// all that it wanted, which is no failure.
    func ending(_ code: ExitCode) -> ExitCode {
        let lost = outputError.withLock { $0 }
        guard lost != 0, lost != EPIPE else { return code }
        error("\(FileError(operation: "write to", path: "standard output", code: lost)); the results are not complete")
        return code == .success ? .temporary : code
    }

    /// Bytes of a result as they are.
    func print(_ data: Data) {
        print(String(decoding: data, as: UTF8.self))
    }

    /// Something that must be known; always shown.
    func error(_ text: String) {
        logsJSON ? log("error", ["message": .string(text)]) : note("\(errorColour.red("clipship:")) \(text)")
    }

    /// Something worth knowing.
    func info(_ text: String) {
        guard level != .quiet else { return }
        logsJSON ? log("info", ["message": .string(text)]) : note(text)
    }

    /// Something that is not as it should be and no failure.
    func warning(_ text: String) {
        guard level != .quiet else { return }
        logsJSON ? log("warning", ["message": .string(text)]) : note("\(errorColour.yellow("warning:")) \(text)")
    }

    /// What is to be said of a host after an attempt to reach it.
    func noteTrouble(of host: String, answered: Bool) -> Outages.Change? {
        let now = origin.duration(to: .now)
        return outages.withLock { answered ? $0.answered(host, at: now) : $0.failed(host, at: now) }
    }

    /// One JSON object with the time, the event's name and its facts.
    ///
    /// `schemas/log.schema.json` has each event.
    func log(_ event: String, _ facts: [String: JSONValue]) {
        let members = facts.merging(["event": .string(event), "time": .string(Date().formatted(.iso8601))]) { $1 }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts and whole numbers can always be written as JSON.
        guard let line = try? encoder.encode(members) else { return }
        note(String(decoding: line, as: UTF8.self))
    }

    /// The same where a log is wanted, and nothing elsewhere.
    func event(_ name: String, _ facts: [String: JSONValue]) {
        if logsJSON { log(name, facts) }
    }

    /// Why a command failed: in a log, one object for each mistake in a file, with its place.
    func error(_ failure: Failure) {
        guard logsJSON, !failure.mistakes.isEmpty else { return error(failure.text) }
        for mistake in failure.mistakes {
            var facts: [String: JSONValue] = [
                "message": .string(mistake.message), "file": .string(mistake.place.file),
            ]
            if mistake.place.mark != .file {
                facts["line"] = .integer(Int64(mistake.place.mark.line))
                facts["column"] = .integer(Int64(mistake.place.mark.column))
            }
            log("error", facts)
        }
    }

    /// A line on standard error, above what a progress display shows.
    func note(_ text: String) {
        transient.withLock { lines in
            erase(&lines)
            Self.write(shown(text, errorColour) + "\n", to: STDERR_FILENO)
        }
    }

    /// A question on standard error, with the cursor behind it.
    func ask(_ text: String) {
        transient.withLock { lines in
            erase(&lines)
            Self.write(shown(text, errorColour), to: STDERR_FILENO)
        }
    }

    /// Replaces what a progress display has drawn; no lines for none. A program in the background leaves the terminal to
    /// those in front.
    func showTransient(_ lines: @autoclosure () -> [String]) {
        guard Terminal.isInForeground(of: STDERR_FILENO) else { return }
        transient.withLock { drawn in
            guard !Continuation.isStopping else { return }
            var text = drawn.erasing(on: Terminal.size(of: STDERR_FILENO))
            for line in lines() {
                let shown = shown(line, errorColour)
                text += shown + "\n"
                drawn.widths.append(DisplayWidth.of(Colour.removed(from: shown)))
            }
            if !text.isEmpty { Self.write(text, to: STDERR_FILENO) }
        }
    }

    private func shown(_ text: String, _ colour: Colour) -> String {
        TerminalText.message(text, keepsColours: colour.isOn)
    }

    private func erase(_ drawn: inout DrawnLines) {
        guard !drawn.widths.isEmpty else { return }
        let text = drawn.erasing(on: Terminal.size(of: STDERR_FILENO))
        if !text.isEmpty { Self.write(text, to: STDERR_FILENO) }
    }

    /// 0, or the error number of what could not be written.
    @discardableResult
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EAGAIN {
                    var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&wanted, 1, -1)
                } else if count < 0, errno != EINTR {
                    return errno
                }
                rest = rest.dropFirst(max(0, count))
            }
            return 0
        }
    }
}
