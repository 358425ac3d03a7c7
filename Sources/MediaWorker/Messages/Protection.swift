/// What keeps a worker from doing harm.
package enum Protection: String, Codable, CaseIterable {
    /// No program that it starts could have more rights (`PR_SET_NO_NEW_PRIVS`).
    case noNewPrivileges
    /// It can't take more memory than it may (`RLIMIT_AS`).
    case memoryLimit
    /// No file, folder or port can be opened (Landlock).
    case landlock
    /// Only the system calls that decoding needs (seccomp).
    case systemCallFilter

    /// What to tell the user where it is missing.
    var absence: String {
        switch self {
        case .noNewPrivileges:
            "this system can't take away privileges (no_new_privs); media is decoded without that protection"
        case .memoryLimit: "this system does not limit memory; a damaged file may take more than it should"
        case .landlock: "this system has no Landlock; media is decoded with the system call filter as protection"
        case .systemCallFilter:
            "this system has no system call filter (seccomp); media is decoded with less protection than usual"
        }
    }
}
