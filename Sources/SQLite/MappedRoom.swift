import CLinux
import CSQLite
import Glibc

/// Has SQLite map only what there is room for on the disk.
///
/// The index of a write-ahead log (`-shm`) is a file that every connection maps and writes to. SQLite makes room for it
/// with one byte a page, so that the rest of the page is a hole where the blocks of the file system are smaller; on a full
/// disk a store into a hole ends the process (SIGBUS). Here the room is taken first, and where there is none the call that
/// needs it fails as any other (`SQLITE_IOERR_SHMMAP`).
enum MappedRoom {
    /// From now on, for all connections of the process (`sqlite3_vfs.xSetSystemCall`). Only the first use has an effect.
    static let isReserved: Void = {
        guard let system = sqlite3_vfs_find(nil) else { return }
        _ = system.pointee.xSetSystemCall?(system, "mmap", unsafeBitCast(map, to: sqlite3_syscall_ptr.self))
    }()

    private typealias Map =
        @convention(c) (UnsafeMutableRawPointer?, Int, Int32, Int32, Int32, off_t) ->
        UnsafeMutableRawPointer?

    /// mmap(2), for memory that is backed by a file all the way. Called with SQLite's own locks on the file held, which
    /// another descriptor of the same file would lose when it is closed; so it uses this one.
    private static let map: Map = { address, length, protection, flags, descriptor, offset in
        guard protection & PROT_WRITE != 0, flags & MAP_SHARED != 0 else {
            return mmap(address, length, protection, flags, descriptor, offset)
        }
        while clinux_reserve(descriptor, Int64(offset), Int64(length)) == -1 {
            if [ENOSPC, EDQUOT].contains(errno) { return MAP_FAILED }
            // Not all file systems can; then the kernel is asked when it is mapped.
            if errno != EINTR { break }
        }
        let memory = mmap(address, length, protection, flags, descriptor, offset)
        guard memory != MAP_FAILED else { return memory }
        // Each page as if it were written to, without the signal. Before Linux 5.14: EINVAL.
        if clinux_populate(memory, length) == -1, errno == EFAULT {
            munmap(memory, length)
            errno = ENOSPC
            return MAP_FAILED
        }
        return memory
    }
}
