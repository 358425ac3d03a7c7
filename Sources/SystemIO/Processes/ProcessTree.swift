import Glibc

/// A process with all that it has started, and what those have started.
enum ProcessTree {
    /// Kills all of it (`SIGKILL`), as far as it is still there and its parents are, and waits until it is over.
    ///
    /// - Parameter root: A child of this process that was not waited for, so that its number is nobody else's.
    /// - Returns: Whether it ends: one that has become another user's does not.
    static func kill(_ root: pid_t) -> Bool {
        // Whoever is stopped starts no other, and waits for none, so the numbers stay those that were found.
        Glibc.kill(root, SIGSTOP)
        var found: Set = [root]
        look { all in
            let new = all.filter { found.contains($0.parent) && !found.contains($0.id) }
            for process in new {
                Glibc.kill(process.id, SIGSTOP)
                found.insert(process.id)
            }
            return new.isEmpty && all.allSatisfy { $0.isStill || !found.contains($0.id) }
        }
        for id in found where id != root { Glibc.kill(id, SIGKILL) }
        guard Glibc.kill(root, SIGKILL) == 0 else { return false }
        // A signal is taken when its process has its turn on a processor.
        look { all in all.allSatisfy { $0.isOver || !found.contains($0.id) } }
        return true
    }

    /// Looks at all processes until `isDone` says so, for 2 s at most: one that waits for a disk, or is another
    /// user's, may neither stop nor end.
    private static func look(until isDone: ([Process]) -> Bool) {
        let end = ContinuousClock.now + .seconds(2)
        while !isDone(processes()), ContinuousClock.now < end { usleep(1_000) }
    }

    private struct Process {
        var id: pid_t
        var parent: pid_t
        /// One letter: `T` and `t` are stopped, `Z` and `X` are over (`proc_pid_stat(5)`).
        var state: Substring

        var isOver: Bool { ["Z", "X"].contains(state) }
        var isStill: Bool { isOver || ["T", "t"].contains(state) }
    }

    /// Every process that this one may see (`/proc/<id>/stat`).
    private static func processes() -> [Process] {
        let entries = (try? Folder.entries(in: "/proc")) ?? []
        return entries.compactMap { entry in
            // A process that ended meanwhile is none.
            guard let id = pid_t(entry.name), let file = try? OpenFile("/proc/\(id)/stat"),
                let bytes = try? file.bytes(in: 0..<512), let name = bytes.lastIndex(of: UInt8(ascii: ")"))
            else { return nil }
            // "7 (sh) S 1 ...": its number, name, state and parent; a name may have anything in it.
            let words = String(decoding: bytes[(name + 1)...], as: UTF8.self).split(separator: " ")
            guard words.count > 1, let parent = pid_t(words[1]) else { return nil }
            return Process(id: id, parent: parent, state: words[0])
        }
    }
}
