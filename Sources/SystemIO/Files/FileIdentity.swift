import CLinux
public import ClipModel
import Glibc

/// Tells whether a file is still the one that was looked at: same place on disk, same size, same time.
public struct FileIdentity: Hashable, Sendable {
    public var device: UInt64
    public var inode: UInt64
    /// Bytes.
    public var size: Int64
    /// Last modification and last change of content or metadata, nanoseconds since 1970.
    public var modified: Int64
    public var changed: Int64
    public var kind: Kind
    /// Somebody besides the owner may read it.
    public var isReadableByOthers: Bool
    /// Other machines may write to it, too: its number and the time of its change may be others at each look.
    public var isOnSharedDisk: Bool

    public enum Kind: Hashable, Sendable {
        case regular
        case folder
        case other
    }

    /// Of the file at `path`, links followed (`stat`).
    public init(of path: String) throws(FileError) {
        var info = stat()
        do throws(FileError) {
            try check("examine", path) { Path.withBytes(path) { stat($0, &info) } }
        } catch {
            throw error.lookingAtLinks
        }
        self.init(info) { Path.withBytes(path) { clinux_file_system_of($0) } }
    }

    /// `modified` as the services write it.
    public var modificationTime: Timestamp {
        let (seconds, rest) = modified.quotientAndRemainder(dividingBy: 1_000_000_000)
        // The remainder of a time before 1970 is negative.
        return rest < 0
            ? Timestamp(seconds: seconds - 1, ticks: Int32((rest + 1_000_000_000) / 100))
            : Timestamp(seconds: seconds, ticks: Int32(rest / 100))
    }

    /// What identifies the file, as text; the device is left out, for it changes when a disk is mounted again. On a disk that
    /// machines share, size and time are all that is the same for each of them.
    public var fingerprint: String {
        isOnSharedDisk ? "\(size):\(modified)" : "\(inode):\(size):\(modified):\(changed)"
    }

    /// The time as files get it: nanoseconds since 1970 (`CLOCK_REALTIME`).
    public static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return nanoseconds(time)
    }

    /// - Parameter fileSystem: Tells the kind of file system that it is on, where that is not known yet.
    init(_ info: stat, _ fileSystem: () -> Int64) {
        device = UInt64(info.st_dev)
        inode = UInt64(info.st_ino)
        size = Int64(info.st_size)
        modified = Self.nanoseconds(info.st_mtim)
        changed = Self.nanoseconds(info.st_ctim)
        isOnSharedDisk = SharedDisk.holds(device: UInt64(info.st_dev), fileSystem)
        isReadableByOthers = info.st_mode & (S_IRGRP | S_IROTH) != 0
        kind =
            switch info.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .folder
            default: .other
            }
    }

    /// Clamped: a file system may claim any time.
    private static func nanoseconds(_ time: timespec) -> Int64 {
        let (whole, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return time.tv_sec < 0 ? .min : .max }
        return whole.addingReportingOverflow(Int64(time.tv_nsec)).partialValue
    }
}
