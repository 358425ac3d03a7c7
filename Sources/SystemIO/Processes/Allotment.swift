import CLinux
import Glibc

/// What of this machine the process may use: a scheduler or a container gives it a part.
public struct Allotment: Hashable, Sendable {
    /// Processors, at least 1.
    public var processors: Int
    /// Bytes; nil for all there is.
    public var memory: Int64?

    /// As it is now.
    public static func current(_ environment: [String: String]) -> Allotment {
        let groups = ControlGroup.own()
        return Allotment(
            processors: processors(environment, groups), memory: groups.compactMap(\.memory).min())
    }

    /// What Slurm has given to the task; else as many as the process may run on (`sched_getaffinity`), and no more than
    /// its control group's share of time (`cpu.max`), rounded up.
    private static func processors(_ environment: [String: String], _ groups: [ControlGroup]) -> Int {
        if let count = environment["SLURM_CPUS_PER_TASK"].flatMap({ Int($0) }), count > 0 { return count }
        let allowed = Int(clinux_processors())
        let count = allowed > 0 ? allowed : Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let share = groups.compactMap(\.processors).min().map { Int($0.rounded(.up)) }
        return max(1, min(count, share ?? count))
    }
}

/// One control group (version 2) of the process, or one above it.
struct ControlGroup: Hashable, Sendable {
    /// Processors' worth of time; nil for any.
    var processors: Double?
    /// Bytes; nil for any.
    var memory: Int64?

    /// - Parameters:
    ///   - processors: What `cpu.max` says, such as `150000 100000`; `max` instead of the first for any.
    ///   - memory: What `memory.max` says.
    init(processors: String?, memory: String?) {
        let words = (processors ?? "").split { $0 == " " || $0 == "\n" }.map { Double($0) }
        if words.count == 2, let quota = words[0], let period = words[1], quota > 0, period > 0 {
            self.processors = quota / period
        }
        self.memory = memory.flatMap { text in Int64(text.prefix { $0.isNumber }) }
    }

    /// The process's, and all above it; none where there is no version 2.
    static func own(root: String = "/sys/fs/cgroup", process: String = "/proc/self/cgroup") -> [ControlGroup] {
        guard let line = text(of: process)?.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else {
            return []
        }
        var path = Path.resolve(String(line.dropFirst(4)), below: "/")
        var groups: [ControlGroup] = []
        while true {
            let folder = path == "/" ? root : root + path
            groups.append(
                ControlGroup(processors: text(of: "\(folder)/cpu.max"), memory: text(of: "\(folder)/memory.max")))
            if path == "/" { return groups }
            path = Path.parent(of: path)
        }
    }

    /// Nil where there is none, as there is no limit then.
    private static func text(of path: String) -> String? {
        guard let file = try? OpenFile(path), let bytes = try? file.bytes(in: 0..<4096) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
