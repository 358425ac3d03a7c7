import CLinux
import Glibc

extension OpenFile {
    /// What the file is known by until somebody writes to it: whatever is read while it has this stamp is what it holds
    /// now. Nil if that can't be said.
    ///
    /// It can where nobody has the file open for writing, for who has it mapped already can write without changing its
    /// times (there is a read lease only then, `F_SETLEASE`; it is given back at once); where the file system is one of
    /// this machine that sets the times with each write (`fstatfs`); and where the last change is so long ago that the
    /// next has another time.
    ///
    /// - Parameters:
    ///   - identity: As it was a moment ago.
    ///   - now: Nanoseconds since 1970.
    public func stamp(of identity: FileIdentity, now: Int64 = FileIdentity.now()) -> String? {
        guard identity.changed <= now - Self.coarsestTime, keepsTimesOfWrites else { return nil }
        // Whoever opens it for writing meanwhile waits for a moment, and is announced by a signal; this one does nothing.
        guard clinux_lease_signal(descriptor, SIGURG) == 0, clinux_lease(descriptor, F_RDLCK) == 0,
            clinux_lease(descriptor, F_UNLCK) == 0
        else { return nil }
        return currentStamp(identity)
    }

    /// What the file is, if it still has a stamp that it once got.
    public func identity(ofStamp stamp: String) -> FileIdentity? {
        guard let identity = try? identity(), currentStamp(identity) == stamp else { return nil }
        return identity
    }

    /// Times say nothing across a power cut or a disk that was pulled out, when a write may be on the disk and its time
    /// not, or the other way round: so a stamp is of one start of the system, and of one mount.
    private func currentStamp(_ identity: FileIdentity) -> String? {
        let mount = clinux_mount(descriptor)
        guard mount != 0, let start = Self.startOfSystem else { return nil }
        return "\(start):\(mount):\(identity.fingerprint)"
    }

    /// A number that the kernel draws when it starts.
    static let startOfSystem: String? = {
        guard let file = try? OpenFile("/proc/sys/kernel/random/boot_id"), let text = try? file.bytes(in: 0..<36)
        else { return nil }
        return String(decoding: text, as: UTF8.self)
    }()

    /// Some file systems count whole seconds.
    private static let coarsestTime: Int64 = 2_000_000_000

    /// ext2 to ext4, XFS, Btrfs, F2FS: their `statfs::f_type`.
    private static let systemsThatDo: Set<Int64> = [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010]

    /// Of file systems that others write to as well, or that are in memory, it isn't known.
    private var keepsTimesOfWrites: Bool {
        Self.systemsThatDo.contains(clinux_file_system(descriptor))
    }
}
