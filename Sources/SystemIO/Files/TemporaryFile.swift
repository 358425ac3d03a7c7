import CLinux
import Glibc

/// Who may read a new file besides its owner.
public enum FileAccess: UInt32, Sendable {
    case everyone = 0o644
    case owner = 0o600

    /// What is left of it by the process's mask.
    var mode: mode_t { rawValue & ~Self.mask }

    /// The mask that the process was started with (`umask`). Files are made with it from the first use on, which is to be
    /// while there is one thread; another one's files would be for their owner only at that moment.
    static let mask: mode_t = {
        let mask = umask(0o077)
        umask(mask)
        return mask
    }()
}

/// A file under a temporary name; removed unless it is published.
public struct TemporaryFile: ~Copyable {
    static let prefix = ".clipship-"

    private let path: String
    private let descriptor: Int32
    private let access: FileAccess
    /// The temporary name is gone.
    private var isRenamed = false

    /// Makes an empty file that only its owner may read until it is published (`mkostemp`).
    public init(in folder: String, access: FileAccess = .everyone) throws(FileError) {
        var template = Path.bytes("\(folder)/\(Self.prefix)XXXXXX").map { CChar(bitPattern: $0) } + [0]
        descriptor = try check("write", "\(folder)/\(Self.prefix)") { clinux_mkostemp(&template) }
        path = Path.text(template.dropLast().map(UInt8.init(bitPattern:)))
        self.access = access
    }

    deinit {
        close(descriptor)
        if !isRenamed { Path.withBytes(path) { _ = unlink($0) } }
    }

    /// Writes all of `bytes` at the end (`write`).
    public borrowing func append(_ bytes: RawSpan) throws(FileError) {
        try bytes.withUnsafeBytes { (bytes) throws(FileError) in
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = UnsafeRawBufferPointer(rebasing: rest)
                let count = try check("write", path) { Glibc.write(descriptor, piece.baseAddress, piece.count) }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Copies a byte range of another file to the end, inside the kernel where the file system can
    /// (`copy_file_range`). Fails with `EIO` where the source ends early.
    public borrowing func append(_ range: Range<Int64>, of source: OpenFile) throws(FileError) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let wanted = Int(range.upperBound - offset)
            let copied = clinux_copy_file_range(source.descriptor, &offset, descriptor, wanted)
            if copied == -1, [EXDEV, EINVAL, ENOSYS, EOPNOTSUPP].contains(errno) {
                // The file system can't: through memory then.
                let piece = try source.bytes(in: offset..<min(offset + 1_000_000, range.upperBound))
                guard !piece.isEmpty else { throw FileError(operation: "read", path: source.path, code: EIO) }
                try append(piece.span.bytes)
                offset += Int64(piece.count)
            } else if copied == 0 {
                throw FileError(operation: "read", path: source.path, code: EIO)
            } else if copied == -1, errno != EINTR {
                throw FileError(operation: "write", path: path)
            }
        }
    }

    /// Copies all of another one to the end.
    public borrowing func append(_ other: borrowing TemporaryFile) throws(FileError) {
        let source = try OpenFile(other.path)
        try append(0..<source.identity().size, of: source)
    }

    /// Gives the file its name in the same folder and keeps it through a power cut, unless there is a file of that name
    /// (`link`); false if there is.
    public consuming func publishNew(as name: String) throws(FileError) -> Bool {
        try check("write", path) { fchmod(descriptor, access.mode) }
        try check("write", path) { fsync(descriptor) }
        if Path.withBytes(path, { path in Path.withBytes(name) { link(path, $0) } }) != 0 {
            switch errno {
            case EEXIST: return false
            // File systems without links; there is a moment in which two may do this.
            case EPERM, EOPNOTSUPP, ENOSYS:
                var info = stat()
                guard Path.withBytes(name, { lstat($0, &info) }) != 0 else { return false }
                try check("write", path) {
                    Path.withBytes(path) { path in Path.withBytes(name) { rename(path, $0) } }
                }
            default: throw FileError(operation: "write", path: path)
            }
        }
        try Folder.flush(Path.parent(of: name))
        return true
    }

    /// Gives the file its name in the same folder, over any older file (`rename`).
    ///
    public consuming func publish(as name: String, surviving: Survival = .powerCut) throws(FileError) {
        try check("write", path) { fchmod(descriptor, access.mode) }
        if surviving != .process { try check("write", path) { fsync(descriptor) } }
        try check("write", path) {
            Path.withBytes(path) { path in Path.withBytes(name) { rename(path, $0) } }
        }
        isRenamed = true
        if surviving == .powerCut { try Folder.flush(Path.parent(of: name)) }
    }

    /// What a published file is still there after.
    public enum Survival: Sendable {
        /// The end of the process at any moment.
        case process
        /// A power cut, once its folder is flushed (`Folder.flush`): for files that come in numbers.
        case powerCutOnceFlushed
        /// A power cut (`fsync` of the file and its folder).
        case powerCut
    }
}
