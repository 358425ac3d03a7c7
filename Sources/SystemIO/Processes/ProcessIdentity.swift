import Glibc

/// Which process on which machine somebody is, so that others can tell whether it is still there.
public struct ProcessIdentity: Codable, Hashable, Sendable {
    /// The machine's name (`gethostname`).
    public var host: String
    /// The number that the kernel drew when it started; empty where it can't be read.
    public var systemStart: String
    /// In which process numbers count (`/proc/self/ns/pid`); empty as above.
    public var processNumbers: String
    public var process: Int32
    /// When it started, in the kernel's ticks: numbers of processes are used again.
    public var processStart: String

    /// This process.
    public static let own = ProcessIdentity(
        host: hostName(), systemStart: OpenFile.startOfSystem ?? "", processNumbers: namespace() ?? "",
        process: getpid(), processStart: start(of: getpid()) ?? "")

    /// Whether that process is over for certain. What is on another machine, or in another container, can't be seen from
    /// here; a machine that was started again has none of its processes any more.
    public var isOver: Bool {
        let own = Self.own
        guard host == own.host, !systemStart.isEmpty, !own.systemStart.isEmpty else { return false }
        guard systemStart == own.systemStart else { return true }
        guard !processNumbers.isEmpty, processNumbers == own.processNumbers, !processStart.isEmpty else { return false }
        return Self.start(of: process) != processStart
    }

    /// `proc_pid_stat(5)`; nil where there is no such process.
    private static func start(of process: Int32) -> String? {
        guard let file = try? OpenFile("/proc/\(process)/stat"), let bytes = try? file.bytes(in: 0..<1024),
            let name = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let words = String(decoding: bytes[(name + 1)...], as: UTF8.self).split(separator: " ")
        // The 22nd of all; one that only waits for its parent to notice is over.
        guard words.count > 19, words[0] != "Z", words[0] != "X" else { return nil }
        return String(words[19])
    }

    private static func hostName() -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress, gethostname(start, buffer.count - 1) == 0 else { return "" }
            buffer[buffer.count - 1] = 0
            return String(cString: start)
        }
    }

    private static func namespace() -> String? {
        withUnsafeTemporaryAllocation(byteCount: 128, alignment: 1) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlink("/proc/self/ns/pid", start, buffer.count)
            return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
        }
    }
}
