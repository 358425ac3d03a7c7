import CLinux
import Glibc

/// The kernel's Landlock: a process gives up rights for good.
enum Landlock {
    /// The version of the interface that this kernel has, at least 1; 0 where there is none.
    static var version: Int {
        max(0, Int(clinux_landlock_create_ruleset(nil, 0, versionFlag)))
    }

    /// Gives up every right to files, folders and ports that this kernel's Landlock knows of. What is open stays open.
    /// False where there is no Landlock (`landlock_create_ruleset`, `landlock_restrict_self`).
    ///
    /// Needs `PR_SET_NO_NEW_PRIVS` before. Holds for the calling thread and those that it starts.
    static func giveUpAll() -> Bool {
        let version = version
        guard version > 0 else { return false }
        let rights = Rights(version)
        let ruleset = withUnsafeBytes(of: rights.attributes) { bytes in
            clinux_landlock_create_ruleset(bytes.baseAddress, rights.size, 0)
        }
        guard ruleset >= 0 else { return false }
        defer { close(ruleset) }
        return clinux_landlock_restrict_self(ruleset, 0) == 0
    }

    private static let versionFlag: UInt32 = 1

    /// `struct landlock_ruleset_attr` with everything that a version handles, so that nothing is left allowed.
    private struct Rights {
        /// `handled_access_fs`, `handled_access_net`, `scoped`.
        var attributes: (UInt64, UInt64, UInt64)
        /// Bytes of it that the version knows.
        var size: Int

        init(_ version: Int) {
            // Number of rights to files: LANDLOCK_ACCESS_FS_EXECUTE to _MAKE_SYM, then _REFER, _TRUNCATE, _IOCTL_DEV.
            let files =
                switch version {
                case 1: 13
                case 2: 14
                case 3, 4: 15
                default: 16
                }
            let network: UInt64 = version >= 4 ? 0b11 : 0  // LANDLOCK_ACCESS_NET_BIND_TCP, _CONNECT_TCP
            let scopes: UInt64 = version >= 6 ? 0b11 : 0  // LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, _SIGNAL
            attributes = ((1 << files) - 1, network, scopes)
            size = version >= 6 ? 24 : version >= 4 ? 16 : 8
        }
    }
}
