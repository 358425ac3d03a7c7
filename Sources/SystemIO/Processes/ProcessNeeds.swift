import Glibc

/// What a process that works with many threads and files needs of the system.
///
/// To be checked before any work begins: what Swift's tasks run on waits for ever where no thread can be had.
public enum ProcessNeeds {
    /// Descriptors that may be open at once.
    private static let descriptors: rlim_t = 64
    /// Threads and child processes.
    private static let threads = 32
    /// Bytes of address space.
    private static let addressSpace: rlim_t = 1 << 30

    /// For a single call: throws if there can be no threads (`pthread_create`).
    public static func check() throws(ProcessNeedError) {
        try startThreads(4)
    }

    /// For work with media, and for many transfers: throws the first thing that is missing (`getrlimit`,
    /// `pthread_create`).
    public static func checkForWork() throws(ProcessNeedError) {
        // Where it isn't, what Swift's tasks run on ends the program when it looks at its threads.
        guard access("/proc/self/task", R_OK) == 0 else { throw .processFileSystem }
        let files = limit(RLIMIT_NOFILE).rlim_max
        guard files >= descriptors else { throw .descriptors(allowed: Int(files), needed: Int(descriptors)) }
        let space = limit(RLIMIT_AS).rlim_cur
        guard space >= addressSpace else {
            throw .addressSpace(megabytes: Int(space >> 20), needed: Int(addressSpace >> 20))
        }
        try startThreads(threads)
    }

    /// Starts so many threads at once, and lets them end.
    private static func startThreads(_ threads: Int) throws(ProcessNeedError) {
        // Nobody passes it before all are there.
        let gate = Locked(0)
        let passed = Unmanaged.passUnretained(gate).toOpaque()
        let (started, code) = gate.withLock { _ in
            var started: [pthread_t] = []
            while started.count < threads {
                var thread = pthread_t()
                let code = pthread_create(
                    &thread, nil,
                    { gate in
                        if let gate {
                            Unmanaged<Locked<Int>>.fromOpaque(gate).takeUnretainedValue().withLock { $0 += 1 }
                        }
                        return nil
                    }, passed)
                guard code == 0 else { return (started, code) }
                started.append(thread)
            }
            return (started, 0)
        }
        for thread in started { pthread_join(thread, nil) }
        guard code == 0 else { throw .threads(started: started.count, needed: threads, code: code) }
    }

    private static func limit(_ resource: __rlimit_resource) -> rlimit {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(resource.rawValue), &limit)
        return limit
    }
}

/// What of it is missing.
public enum ProcessNeedError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `/proc` is not mounted.
    case processFileSystem
    case descriptors(allowed: Int, needed: Int)
    case addressSpace(megabytes: Int, needed: Int)
    /// `code` is that of `pthread_create`.
    case threads(started: Int, needed: Int, code: Int32)

    /// One sentence.
    public var description: String {
        switch self {
        case .processFileSystem:
            return "there is no /proc, which is needed: mount it (mount -t proc proc /proc)"
        case .descriptors(let allowed, let needed):
            return "only \(allowed) files may be open at once, and \(needed) are needed: raise the limit (ulimit -n)"
        case .addressSpace(let megabytes, let needed):
            return
                "only \(megabytes) MiB of address space are allowed, and \(needed) are needed: raise the limit (ulimit -v)"
        case .threads(let started, let needed, EAGAIN):
            return """
                only \(started) threads can be started, and \(needed) are needed: raise the limit of processes (ulimit -u, \
                pids.max) or of memory
                """
        case .threads(_, _, let code):
            return """
                no thread can be started (\(Errno(code))): have the system call clone3 allowed, or \
                answered with ENOSYS, which container profiles older than 2021 do not do
                """
        }
    }
}
