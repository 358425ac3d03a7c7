import CLinux
import Glibc

/// Folders.
public enum Folder {
    /// Makes a folder and those above it; one that exists is fine, and stays as it is (`mkdir`). A new one survives a power
    /// cut (`fsync` of the folder above).
    ///
    /// - Parameter access: who may look into it, as far as the process's mask allows; those above are for everyone.
    public static func make(_ path: String, access: FileAccess = .everyone) throws(FileError) {
        let mode: mode_t = access == .owner ? 0o700 : 0o777
        if Path.withBytes(path, { mkdir($0, mode) }) == 0 { return try flushName(of: path) }
        switch errno {
        case EEXIST:
            guard try FileIdentity(of: path).kind == .folder else {
                throw FileError(operation: "make the folder", path: path, code: ENOTDIR)
            }
        case ENOENT where Path.parent(of: path) != path:
            try make(Path.parent(of: path))
            // Once more, not until it succeeds: there are folders, such as /proc, in which nothing can be made.
            guard Path.withBytes(path, { mkdir($0, mode) }) == 0 || errno == EEXIST else {
                throw FileError(operation: "make the folder", path: path)
            }
            try flushName(of: path)
        default:
            throw FileError(operation: "make the folder", path: path)
        }
    }

    /// A folder that may be written to and not read, or whose file system knows no `fsync`, stays as it is.
    private static func flushName(of path: String) throws(FileError) {
        do throws(FileError) {
            try flush(Path.parent(of: path))
        } catch {
            guard [EACCES, EPERM, EINVAL].contains(error.code) else { throw error }
        }
    }

    /// Gives a folder another name in the same file system (`rename`, `fsync` of the folder above).
    public static func rename(_ path: String, to name: String) throws(FileError) {
        try check("rename", path) {
            Path.withBytes(path) { old in Path.withBytes(name) { Glibc.rename(old, $0) } }
        }
        try flush(parent(of: name))
    }

    private static func parent(of path: String) -> String { Path.parent(of: path) }

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
        Blocking.note("list \(path)")
        guard let stream = Path.withBytes(path, { opendir($0) }) else { throw FileError(operation: "list", path: path) }
        defer { closedir(stream) }
        var entries: [Entry] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                Path.text($0.prefix { $0 != 0 })
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

    /// Looks at each thing in a folder (`readdir`, `fstatat`; links followed), in the folder's own order, which stays the same
    /// while nothing comes or goes; `.` and `..` left out.
    ///
    /// - Parameter body: Gets the bytes of the name.
    public static func forEach(
        in path: String, _ body: (UnsafeRawBufferPointer, FileIdentity) -> Void
    ) throws(FileError) {
        Blocking.note("list \(path)")
        guard let stream = Path.withBytes(path, { opendir($0) }) else { throw FileError(operation: "list", path: path) }
        defer { closedir(stream) }
        let folder = dirfd(stream)
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let code = withUnsafeBytes(of: &entry.pointee.d_name) { bytes -> Int32 in
                let name = UnsafeRawBufferPointer(rebasing: bytes.prefix { $0 != 0 })
                if name.elementsEqual([dot]) || name.elementsEqual([dot, dot]) { return 0 }
                var info = stat()
                guard let start = bytes.bindMemory(to: CChar.self).baseAddress, fstatat(folder, start, &info, 0) == 0
                else { return errno }
                body(name, FileIdentity(info) { clinux_file_system(folder) })
                return 0
            }
            guard code == 0 else { throw FileError(operation: "look into", path: path, code: code) }
        }
        // Half a folder is no folder.
        guard errno == 0 else { throw FileError(operation: "list", path: path) }
    }

    private static let dot = UInt8(ascii: ".")

    /// Removes a file; one that isn't there is fine (`unlink`).
    public static func removeFile(_ path: String) throws(FileError) {
        do throws(FileError) {
            try check("remove", path) { Path.withBytes(path) { unlink($0) } }
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
                } else if Path.withBytes(inner, { unlink($0) }) != 0, errno == EISDIR {
                    try removeTree(inner)
                }
            }
            try check("remove", path) { Path.withBytes(path) { rmdir($0) } }
        } catch {
            guard error.isNotFound else { throw error }
        }
    }

    /// Makes sure that names made or removed in a folder survive a power cut (`fsync`).
    public static func flush(_ path: String) throws(FileError) {
        let descriptor = try check("open", path) {
            Path.withBytes(path) { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        }
        defer { close(descriptor) }
        try check("flush", path) { fsync(descriptor) }
    }
}
