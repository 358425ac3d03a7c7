import CLinux
import Glibc

/// A file that is open for reading; shared by whoever reads it, closed when the last of them is gone.
///
/// Reading never moves an offset (`pread`), so any number of threads may read at once.
public final class OpenFile: Sendable {
    public let path: String
    /// Valid as long as this object is alive.
    public let descriptor: Int32

    /// Opens for reading (`open` with `O_RDONLY | O_CLOEXEC`); anything but a regular file is refused.
    ///
    /// - Throws: `FileError`; with `EISDIR` for a folder and `FileError.notRegular` for what else is no regular file.
    public init(_ path: String) throws(FileError) {
        // O_NONBLOCK keeps a named pipe from holding the caller; reading a regular file is as without.
        do throws(FileError) {
            descriptor = try check("open", path) {
                Path.withBytes(path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
            }
        } catch {
            throw error.lookingAtLinks
        }
        self.path = path
        let kind = try identity().kind
        guard kind == .regular else {
            throw FileError(operation: "read", path: path, code: kind == .folder ? EISDIR : FileError.notRegular)
        }
    }

    /// Opens a file that a text from elsewhere names, which has to be below a folder.
    ///
    /// - Parameter folder: Nil for any.
    /// - Throws: As above, and `FileError.outside` where a link, or the name, leads out of the folder.
    public convenience init(_ path: String, below folder: String?) throws(FileError) {
        try self.init(path)
        guard let folder else { return }
        // What was opened is looked at, not the name: a link may be another one by now.
        guard let real = Self.target(of: "/proc/self/fd/\(descriptor)") ?? Self.real(path),
            let base = Self.real(folder),
            base == "/" || real.utf8.starts(with: "\(base)/".utf8)
        else { throw FileError(operation: "read", path: path, code: FileError.outside) }
    }

    private static func target(of link: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            guard let start = buffer.baseAddress, case let count = readlink(link, start, buffer.count), count > 0,
                count < buffer.count
            else { return nil }
            return Path.text(buffer.prefix(count).map(UInt8.init(bitPattern:)))
        }
    }

    private static func real(_ path: String) -> String? {
        guard let text = Path.withBytes(path, { realpath($0, nil) }) else { return nil }
        defer { free(text) }
        return Path.text(text)
    }

    deinit {
        close(descriptor)
    }

    /// Which file this is, how large, and when it last changed, as it is now (`fstat`).
    public func identity() throws(FileError) -> FileIdentity {
        var info = stat()
        try check("examine", path) { fstat(descriptor, &info) }
        return FileIdentity(info) { clinux_file_system(descriptor) }
    }

    /// Reads up to `buffer.count` bytes from `offset`; fewer only at the end of the file, where the answer is 0
    /// (`pread`).
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let position = off_t(offset) + filled
            let count = try check("read", path) { pread(descriptor, rest.baseAddress, rest.count, position) }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// Has the system read a range into its memory and waits for that, so that whoever reads it next does not wait for the
    /// disk (`posix_fadvise`).
    public func load(_ range: Range<Int64>) {
        // At once it reads no more than it would read ahead, which is that much where nobody has changed it.
        let most: Int64 = 128 << 10
        let pieces = stride(from: range.lowerBound, to: range.upperBound, by: Int(most)).map {
            $0..<min($0 + most, range.upperBound)
        }
        for piece in pieces {
            posix_fadvise(descriptor, off_t(piece.lowerBound), off_t(piece.count), POSIX_FADV_WILLNEED)
        }
        var last: UInt8 = 0
        for piece in pieces { _ = pread(descriptor, &last, 1, off_t(piece.upperBound - 1)) }
    }

    /// All that is in the file; one that is larger than `limit` bytes is refused with `EFBIG` before memory is taken.
    public func contents(atMost limit: Int64) throws(FileError) -> [UInt8] {
        let size = try identity().size
        guard size <= limit else { throw FileError(operation: "read", path: path, code: EFBIG) }
        return try bytes(in: 0..<max(0, size))
    }

    /// The bytes of `range`; fewer if the file ends before.
    public func bytes(in range: Range<Int64>) throws(FileError) -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: range.count) { (buffer, count) throws(FileError) in
            count = try read(into: UnsafeMutableRawBufferPointer(buffer), at: range.lowerBound)
        }
    }
}
