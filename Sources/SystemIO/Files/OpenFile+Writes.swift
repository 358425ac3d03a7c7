import CLinux
import Glibc

extension OpenFile {
    /// Whether every write to the file from now on shows in its identity. What is read while that is still `identity` is
    /// then what the file holds now.
    ///
    /// That is so if nobody has it open for writing or mapped, for who writes to a mapping need not change the times
    /// (there is no read lease then, `F_SETLEASE`; this one is given back at once); if it is on a file system of this
    /// machine that keeps such times (`fstatfs`); and if its last change is so long ago that the next one has another.
    ///
    /// - Parameters:
    ///   - identity: As it was a moment ago.
    ///   - now: Nanoseconds since 1970.
    public func showsWrites(after identity: FileIdentity, now: Int64 = FileIdentity.now()) -> Bool {
        guard identity.changed <= now - Self.coarsestTime, keepsTimesOfWrites else { return false }
        // Whoever opens it for writing meanwhile waits for a moment, and is announced by a signal; this one does nothing.
        guard clinux_lease_signal(descriptor, SIGURG) == 0, clinux_lease(descriptor, F_RDLCK) == 0 else { return false }
        return clinux_lease(descriptor, F_UNLCK) == 0
    }

    /// Some file systems count whole seconds.
    private static let coarsestTime: Int64 = 2_000_000_000

    /// ext2 to ext4, XFS, Btrfs, F2FS: their `statfs::f_type`.
    private static let systemsThatDo: Set<Int64> = [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010]

    /// Of file systems that others write to as well, or that are in memory, it isn't known.
    private var keepsTimesOfWrites: Bool {
        Self.systemsThatDo.contains(clinux_file_system(descriptor))
    }
}
