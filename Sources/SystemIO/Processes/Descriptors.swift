import CLinux
import Glibc

/// The descriptors of this process as a whole.
public enum Descriptors {
    /// Closes all from `lowest` on (`close_range`; where that is missing or not allowed, one by one). Only for a process
    /// that has one thread.
    public static func close(from lowest: Int32) {
        guard clinux_close_from(lowest) != 0 else { return }
        for descriptor in open() where descriptor >= lowest { Glibc.close(descriptor) }
    }

    private static func open() -> [Int32] {
        // Nothing is lost: without /proc every number is tried. The list has the number of the folder itself, closed by now.
        if let names = try? Folder.names(in: "/proc/self/fd") { return names.compactMap { Int32($0) } }
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Array(0..<Int32(clamping: min(limit.rlim_cur, 1 << 20)))
    }
}
