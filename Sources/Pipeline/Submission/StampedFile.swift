import SystemIO
import Transport

/// A file to which nobody has written since it got its stamp. Once somebody has, nothing more is read from it.
struct StampedFile: ByteRangeSource {
    private let file: OpenFile
    private let identity: FileIdentity

    /// Nil if the file has that stamp no more.
    init?(_ file: OpenFile, stamp: String) {
        guard let identity = file.identity(ofStamp: stamp) else { return nil }
        self.file = file
        self.identity = identity
    }

    /// As `OpenFile` does.
    ///
    /// - Throws: `FileError`, or `Touched` if somebody has written to the file, perhaps to what was read.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        let count = try file.read(into: buffer, at: offset)
        guard try file.identity() == identity else { throw Touched() }
        return count
    }

    struct Touched: Error, CustomStringConvertible {
        var description: String { "the file changed while it was read" }
    }
}
