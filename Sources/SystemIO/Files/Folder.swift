import Glibc

/// Folders.
public enum Folder {
    /// Makes a folder and those above it; one that exists is fine, and stays as it is (`mkdir`).
    ///
    /// - Parameter access: who may look into it, as far as the process's mask allows; those above are for everyone.
    public static func make(_ path: String, access: FileAccess = .everyone) throws(FileError) {
        let mode: mode_t = access == .owner ? 0o700 : 0o777
        if mkdir(path, mode) == 0 { return }
        switch errno {
        case EEXIST:
            guard try FileIdentity(of: path).kind == .folder else {
                throw FileError(operation: "make the folder", path: path, code: ENOTDIR)
            }
        case ENOENT where Path.parent(of: path) != path:
            try make(Path.parent(of: path))
            // Once more, not until it succeeds: there are folders, such as /proc, in which nothing can be made.
            guard mkdir(path, mode) == 0 || errno == EEXIST else {
                throw FileError(operation: "make the folder", path: path)
            }
        default:
            throw FileError(operation: "make the folder", path: path)
        }
    }

    /// The names of what is in a folder, sorted by their bytes; `.` and `..` left out.
    public static func names(in path: String) throws(FileError) -> [String] {
        try entries(in: path).map(\.name).sorted { $0.comesBefore($1) }
    }

    /// One thing in a folder.
    public struct Entry: Hashable, Sendable {
        public var name: String
        /// Whether it is a folder itself; nil where only looking at it tells, which a link needs, too.
        public var isFolder: Bool?
    }

    /// What is in a folder, in no order; `.` and `..` left out (`readdir`).
    public static func entries(in path: String) throws(FileError) -> [Entry] {
        guard let stream = opendir(path) else { throw FileError(operation: "list", path: path) }
        defer { closedir(stream) }
        var entries: [Entry] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != ".." else { continue }
            let isFolder: Bool? =
                switch Int(entry.pointee.d_type) {
                case Int(DT_DIR): true
                case Int(DT_UNKNOWN), Int(DT_LNK): nil
                default: false
                }
            entries.append(Entry(name: name, isFolder: isFolder))
        }
        // Half a folder is no folder.
        guard errno == 0 else { throw FileError(operation: "list", path: path) }
        return entries
    }

    /// Removes a file; one that isn't there is fine (`unlink`).
    public static func removeFile(_ path: String) throws(FileError) {
        do throws(FileError) {
            try check("remove", path) { unlink(path) }
        } catch {
            guard error.isNotFound else { throw error }
        }
    }

    /// Removes a folder with everything in it; one that isn't there is fine. Links are removed, not followed.
    public static func removeTree(_ path: String) throws(FileError) {
        do throws(FileError) {
            for entry in try entries(in: path) {
                let inner = "\(path)/\(entry.name)"
                if entry.isFolder == true {
                    try removeTree(inner)
                } else if unlink(inner) != 0, errno == EISDIR {
                    try removeTree(inner)
                }
            }
            try check("remove", path) { rmdir(path) }
        } catch {
            guard error.isNotFound else { throw error }
        }
    }

    /// Makes sure that names made or removed in a folder survive a power cut (`fsync`).
    public static func flush(_ path: String) throws(FileError) {
        let descriptor = try check("open", path) { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(descriptor) }
        try check("flush", path) { fsync(descriptor) }
    }
}
