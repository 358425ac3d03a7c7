import ClipModel
import FoundationEssentials
import Glibc
import SystemIO

/// The requests that the service got: the latest in memory, and each as a line of JSON in a file when it has ended.
final class RequestLog: Sendable {
    /// Older ones are only in the file.
    static let mostInMemory = 20_000
    /// A file that has grown beyond gets `.1` to its name, over the one before.
    static let largestFile: Int64 = 64_000_000

    private let path: String
    private let state: Locked<State>

    private struct State: ~Copyable {
        var requests: [LoggedRequest] = []
        /// The number of the first one in memory.
        var first = 1
        var file: LogFile
    }

    init(path: String) throws(FileError) {
        self.path = path
        state = Locked(State(file: try LogFile(path)))
    }

    /// Takes note of a request whose head is there; its number.
    func add(_ request: LoggedRequest) -> Int {
        state.withLock { state in
            var request = request
            request.number = state.first + state.requests.count
            state.requests.append(request)
            if state.requests.count >= 2 * Self.mostInMemory {
                state.requests.removeFirst(Self.mostInMemory)
                state.first += Self.mostInMemory
            }
            return request.number
        }
    }

    /// Says more of a request that is in memory still.
    func update(_ number: Int, _ change: (inout LoggedRequest) -> Void) {
        state.withLock { state in
            let index = number - state.first
            guard state.requests.indices.contains(index) else { return }
            change(&state.requests[index])
        }
    }

    /// The same for the last time; the request goes into the file.
    ///
    /// - Returns: why it could not be written.
    func end(_ number: Int, _ change: (inout LoggedRequest) -> Void) -> FileError? {
        state.withLock { state in
            let index = number - state.first
            guard state.requests.indices.contains(index) else { return nil }
            change(&state.requests[index])
            // Texts and whole numbers can always be written as JSON.
            guard var line = try? CanonicalJSON.line(state.requests[index]) else { return nil }
            line.append(UInt8(ascii: "\n"))
            do throws(FileError) {
                try state.file.append(line)
                if state.file.size > Self.largestFile {
                    _ = Path.withBytes(path) { old in Path.withBytes("\(path).1") { rename(old, $0) } }
                    state.file = try LogFile(path)
                }
                return nil
            } catch {
                return error
            }
        }
    }

    /// The latest in the order of their numbers, and how many there were in all.
    func latest(_ count: Int) -> (requests: [LoggedRequest], total: Int) {
        state.withLock { state in
            (Array(state.requests.suffix(count)), state.first - 1 + state.requests.count)
        }
    }

    /// In the order of their numbers.
    func requests(_ query: RequestQuery) -> [LoggedRequest] {
        state.withLock { state in state.requests.filter(query.matches) }
    }
}

/// A file that lines are added to.
private struct LogFile: ~Copyable {
    private let path: String
    private let descriptor: Int32
    private(set) var size: Int64

    init(_ path: String) throws(FileError) {
        self.path = path
        descriptor = Path.withBytes(path) { open($0, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600) }
        guard descriptor >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
        size = Int64(lseek(descriptor, 0, SEEK_END))
    }

    deinit {
        close(descriptor)
    }

    /// Writes a whole line at once (`write`): the end of the process leaves no half of one.
    mutating func append(_ line: Data) throws(FileError) {
        let count = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count == line.count else { throw FileError(operation: "write", path: path, code: errno) }
        size += Int64(count)
    }
}
