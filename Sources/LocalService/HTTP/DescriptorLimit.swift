import Glibc

/// How many files and connections the process may have open.
enum DescriptorLimit {
    /// Raises the limit to what the system allows the process, for each connection takes one and each body
    /// another (`setrlimit`).
    ///
    /// The usual limit of 1,024 would not do for a thousand clients.
    ///
    /// - Returns: The limit as it is then.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        let before = Int(clamping: limit.rlim_cur)
        let wanted = min(limit.rlim_max, 65_536)
        guard limit.rlim_cur < wanted else { return before }
        limit.rlim_cur = wanted
        return setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? Int(clamping: wanted) : before
    }
}
