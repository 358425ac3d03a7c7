import CLinux
public import FoundationEssentials
import Glibc

/// Files that appear whole or not at all, and stay after a power cut.
public enum DurableFile {
    /// Writes `data` under a temporary name in the same folder, then `fsync`, `rename`, `fsync` of the folder.
    ///
    /// The folder must exist. On a failure nothing of it is left behind and an older file stays as it was.
    public static func write(_ data: Data, to path: String) throws(FileError) {
        try write(to: path) { (file: borrowing TemporaryFile) throws(FileError) in
            try file.append(data)
        }
    }

    /// The same for content that `body` writes piece by piece.
    public static func write(
        to path: String, _ body: (borrowing TemporaryFile) throws(FileError) -> Void
    ) throws(FileError) {
        let file = try TemporaryFile(beside: path)
        try body(file)
        try file.publish()
    }

    /// Removes files that an interrupted `write` left in `folder`.
    public static func removeLeftovers(in folder: String) {
        for name in (try? Folder.names(in: folder)) ?? [] where name.hasPrefix(TemporaryFile.prefix) {
            unlink("\(folder)/\(name)")
        }
    }
}

/// A file under a temporary name; removed unless it is published.
public struct TemporaryFile: ~Copyable {
    static let prefix = ".clipship-"

    private let path: String
    private let temporaryPath: String
    private let descriptor: Int32

    init(beside path: String) throws(FileError) {
        var template = Array("\(Path.parent(of: path))/\(Self.prefix)XXXXXX".utf8CString)
        descriptor = try check("write", path) { clinux_mkostemp(&template) }
        temporaryPath = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.path = path
    }

    deinit {
        close(descriptor)
        unlink(temporaryPath)
    }

    /// Writes all of `data` at the end.
    public borrowing func append(_ data: Data) throws(FileError) {
        try data.bytes.withUnsafeBytes { (bytes) throws(FileError) in
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
                try append(Data(piece))
                offset += Int64(piece.count)
            } else if copied == 0 {
                throw FileError(operation: "read", path: source.path, code: EIO)
            } else if copied == -1, errno != EINTR {
                throw FileError(operation: "write", path: path)
            }
        }
    }

    /// Gives the file its name.
    consuming func publish() throws(FileError) {
        try check("write", path) { fchmod(descriptor, 0o644) }
        try check("write", path) { fsync(descriptor) }
        try check("write", path) { rename(temporaryPath, path) }
        try Folder.flush(Path.parent(of: path))
    }
}
