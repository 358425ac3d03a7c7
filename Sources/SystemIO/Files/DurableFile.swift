public import FoundationEssentials
import Glibc

/// Files that appear whole or not at all, and stay after a power cut.
public enum DurableFile {
    /// Writes `data` under a temporary name in the same folder, then `fsync`, `rename`, `fsync` of the folder.
    ///
    /// The folder must exist. On a failure nothing of it is left behind and an older file stays as it was.
    ///
    /// - Parameter flushesFolder: False where more files are to come in it: whoever writes them flushes it after the last.
    public static func write(
        _ data: Data, to path: String, access: FileAccess = .everyone, flushesFolder: Bool = true
    ) throws(FileError) {
        try write(to: path, access: access, flushesFolder: flushesFolder) {
            (file: borrowing TemporaryFile) throws(FileError) in
            try file.append(data.bytes)
        }
    }

    /// The same for content that `body` writes piece by piece.
    public static func write(
        to path: String, access: FileAccess = .everyone, flushesFolder: Bool = true,
        _ body: (borrowing TemporaryFile) throws(FileError) -> Void
    ) throws(FileError) {
        do throws(FileError) {
            let file = try TemporaryFile(in: Path.parent(of: path), access: access)
            try body(file)
            try file.publish(as: path, surviving: flushesFolder ? .powerCut : .powerCutOnceFlushed)
        } catch {
            throw named(error, path)
        }
    }

    /// The same for content that can't always be made.
    public static func compose(
        _ path: String, access: FileAccess = .everyone, _ body: (borrowing TemporaryFile) throws -> Void
    ) throws {
        do {
            let file = try TemporaryFile(in: Path.parent(of: path), access: access)
            try body(file)
            try file.publish(as: path)
        } catch let error as FileError {
            throw named(error, path)
        }
    }

    /// The temporary name means nothing to anybody.
    private static func named(_ error: FileError, _ path: String) -> FileError {
        guard Path.name(of: error.path).hasPrefix(TemporaryFile.prefix) else { return error }
        return FileError(operation: "write", path: path, code: error.code)
    }

    /// The same where there is no file of that name yet; false if there is, which then stays as it was.
    public static func writeNew(
        _ bytes: RawSpan, to path: String, access: FileAccess = .everyone
    ) throws(FileError) -> Bool {
        do throws(FileError) {
            let file = try TemporaryFile(in: Path.parent(of: path), access: access)
            try file.append(bytes)
            return try file.publishNew(as: path)
        } catch {
            throw named(error, path)
        }
    }

    /// Gives a file that is never written to another name, over any older file of that name: in the same file system by a
    /// link, elsewhere by a copy. Nothing is done where both are one file. The folder is not flushed.
    public static func link(_ source: String, as target: String) throws(FileError) {
        if Path.withBytes(source, { source in Path.withBytes(target) { Glibc.link(source, $0) } }) == 0 { return }
        if errno == EEXIST {
            let (old, new) = (try FileIdentity(of: target), try FileIdentity(of: source))
            if (old.device, old.inode) == (new.device, new.inode) { return }
        } else if ![EXDEV, EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(errno) {
            throw FileError(operation: "link", path: source)
        }
        try copy(source, to: target)
    }

    /// Copies what a file holds now, over any older file of that name.
    public static func copy(_ source: String, to target: String, access: FileAccess = .everyone) throws(FileError) {
        let file = try OpenFile(source)
        let size = try file.identity().size
        try write(to: target, access: access) { (copy: borrowing TemporaryFile) throws(FileError) in
            try copy.append(0..<size, of: file)
        }
    }

    /// Removes files that an interrupted `write` left in `folder`; answers the names of what else is there.
    @discardableResult
    public static func removeLeftovers(in folder: String) -> Set<String> {
        var others: Set<String> = []
        // They only take room: what can't be removed is looked for again by the next run.
        for entry in (try? Folder.entries(in: folder)) ?? [] {
            if entry.name.hasPrefix(TemporaryFile.prefix) {
                // As above.
                try? Folder.removeFile("\(folder)/\(entry.name)")
            } else {
                others.insert(entry.name)
            }
        }
        return others
    }
}
