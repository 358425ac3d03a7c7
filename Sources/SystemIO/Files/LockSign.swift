import FoundationEssentials
import Glibc

/// Who holds a lock, as a file beside it that only one process can make (`link`): for disks on which the lock itself is refused,
/// or holds within one machine only.
///
/// The files have numbers, and the highest counts, so that whoever takes over what a process has left behind does not remove
/// what somebody else has just made.
struct LockSign: Sendable {
    private let path: String
    /// Its place among those of this process.
    private let place: Int

    private struct Record: Codable {
        var process: ProcessIdentity
        /// What others are told.
        var holder: String
        /// That process has the lock itself, too.
        var isLocked: Bool
    }

    /// - Parameters:
    ///   - path: That of the lock.
    ///   - isLocked: This process has the lock itself. Whoever had it, too, is gone then.
    /// - Throws: `FileLockError.held` where somebody else may be there.
    init(of path: String, holder: String, isLocked: Bool) throws(FileLockError) {
        do {
            let record = Record(process: .own, holder: "\(holder) on \(ProcessIdentity.own.host)", isLocked: isLocked)
            let text = try JSONEncoder().encode(record)
            while true {
                let numbers = try Self.numbers(of: path)
                if let last = numbers.max() {
                    // Gone by now: then all is looked at again.
                    guard let other = try Self.record("\(path).\(last)") else { continue }
                    guard other.process.isOver || (other.isLocked && isLocked) else {
                        throw FileLockError.held(
                            by: "\(other.holder); if that is gone for good, remove \(Path.shown("\(path).\(last)"))")
                    }
                }
                let own = "\(path).\((numbers.max() ?? 0) + 1)"
                // Somebody else may have been faster.
                guard try DurableFile.writeNew(text.bytes, to: own) else { continue }
                // They say nothing any more, whether they are there or not.
                for number in numbers { try? Folder.removeFile("\(path).\(number)") }
                self.path = own
                place = Self.keep(own)
                return
            }
        } catch let error as FileLockError {
            throw error
        } catch let error as FileError {
            throw .file(error)
        } catch {
            throw .file(FileError(operation: "lock", path: path, code: EIO))
        }
    }

    /// Only the first call has an effect: by the next one somebody else may have a file of this name.
    func remove() {
        // Under one lock, so that the process can't end between the two.
        Self.ofThisProcess.withLock { signs in
            guard signs.paths.removeValue(forKey: place) != nil else { return }
            // What is left of a process that is over is taken over by the next.
            try? Folder.removeFile(path)
        }
    }

    // MARK: - The end of the process

    private struct Signs {
        var paths: [Int: String] = [:]
        var count = 0
    }

    private static let ofThisProcess = Locked(Signs())

    /// From another machine nobody can tell that a process is over, so that none may end without removing its files
    /// (`atexit`): a lock may still have an owner then, on a thread that has only just done its work.
    private static let removesAllAtExit =
        atexit {
            Blocking.endWatch()
            LockSign.removeAll()
        } == 0

    private static func keep(_ path: String) -> Int {
        _ = removesAllAtExit
        return ofThisProcess.withLock { signs in
            signs.count += 1
            signs.paths[signs.count] = path
            return signs.count
        }
    }

    /// Removes the files of all locks that this process has.
    static func removeAll() {
        ofThisProcess.withLock { signs in
            // As for one.
            for path in signs.paths.values { try? Folder.removeFile(path) }
            signs.paths = [:]
        }
    }

    // MARK: - Others

    private static func numbers(of path: String) throws(FileError) -> [Int] {
        let start = "\(Path.name(of: path))."
        return try Folder.entries(in: Path.parent(of: path)).compactMap { entry in
            entry.name.hasPrefix(start) ? Int(entry.name.dropFirst(start.count)) : nil
        }
    }

    /// Nil where it is gone.
    private static func record(_ path: String) throws -> Record? {
        let text: [UInt8]
        do throws(FileError) {
            text = try OpenFile(path).contents(atMost: 1 << 16)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
        // It is there as a whole or not at all, so that what can't be read is another program's.
        guard let record = try? JSONDecoder().decode(Record.self, from: Data(text)) else {
            throw FileLockError.held(by: "another program; see \(Path.shown(path))")
        }
        return record
    }
}
