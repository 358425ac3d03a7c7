import CLinux

/// File systems that other machines write to as well, or that a program makes up: locks, memory that is shared through a
/// file, numbers of files and clocks can't be counted on there.
public enum SharedDisk {
    /// What the file system of a path is called if it is one, such as `NFS`; nil for a disk of this machine, and for what
    /// can't be looked at (`statfs`).
    public static func name(of path: String) -> String? {
        names[Path.withBytes(path) { clinux_file_system_of($0) } & 0xFFFF_FFFF]
    }

    /// The same for a file that was looked at; asks once for each device.
    static func holds(device: UInt64, _ kind: () -> Int64) -> Bool {
        if let known = devices.withLock({ $0[device] }) { return known }
        let isShared = names[kind() & 0xFFFF_FFFF] != nil
        devices.withLock { $0[device] = isShared }
        return isShared
    }

    private static let devices = Locked<[UInt64: Bool]>([:])

    /// `statfs::f_type` of each.
    private static let names: [Int64: String] = [
        0x6969: "NFS", 0x0BD0_0BD0: "Lustre", 0x4750_4653: "GPFS", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB",
        0x517B: "SMB", 0x6573_5546: "FUSE", 0x00C3_6400: "CephFS", 0x1983_0326: "BeeGFS", 0x0116_1970: "GFS2",
        0x7461_636F: "OCFS2", 0x5346_414F: "AFS", 0x0102_1997: "9p", 0x786F_4256: "a folder of VirtualBox",
    ]
}
