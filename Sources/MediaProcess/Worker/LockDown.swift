import CLinux
import Glibc
import MediaWorker
import SystemIO

/// Gives up everything that decoding does not need, for good.
enum LockDown {
    /// Locks the process down, in the order in which one step needs the other.
    ///
    /// - Parameter memory: Bytes that it may take beside what it has.
    /// - Returns: What this system could not do.
    static func begin(memory: Int64) -> [Protection] {
        limit(RLIMIT_CORE, to: 0)
        limit(RLIMIT_FSIZE, to: 0)
        limit(RLIMIT_NOFILE, to: 16)
        _ = clinux_not_dumpable()
        var missing: [Protection] = []
        if !limitMemory(to: memory) { missing.append(.memoryLimit) }
        if clinux_no_new_privileges() != 0 { missing.append(.noNewPrivileges) }
        if !Landlock.giveUpAll() { missing.append(.landlock) }
        if !filterSystemCalls() { missing.append(.systemCallFilter) }
        return missing
    }

    private static func filterSystemCalls() -> Bool {
        // A sanitizer reads files, writes reports and maps memory in ways of its own; the filter would end the process
        // instead of showing what the sanitizer found.
        guard clinux_is_sanitized() == 0 else { return true }
        do throws(SystemCallFilter.Failure) {
            try SystemCallFilter.allowOnlyDecoding()
            return true
        } catch {
            return false
        }
    }

    /// Limits the address space, for memory that is counted only once it is written to is found too late.
    private static func limitMemory(to memory: Int64) -> Bool {
        // A sanitizer reserves terabytes of address space.
        guard clinux_is_sanitized() == 0 else { return true }
        guard let used = addressSpace() else { return false }
        let wanted = UInt64(clamping: used + memory)
        // Somebody else has set a lower one, which can't be raised.
        var now = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &now) == 0, now.rlim_max <= wanted { return true }
        return limit(RLIMIT_AS, to: wanted)
    }

    /// Bytes (the first number of `/proc/self/statm` is pages).
    private static func addressSpace() -> Int64? {
        guard let bytes = try? OpenFile("/proc/self/statm").bytes(in: 0..<64),
            let pages = Int64(String(decoding: bytes.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self))
        else { return nil }
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }

    @discardableResult
    private static func limit(_ resource: __rlimit_resource, to value: UInt64) -> Bool {
        var limit = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
        return setrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0
    }
}
