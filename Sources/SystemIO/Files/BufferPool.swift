public import FoundationEssentials

/// Memory for pieces of files that is used over and over: fresh memory costs the system as much as reading a file that
/// it has in memory.
public final class BufferPool: Sendable {
    private let size: Int
    private let idle = Locked<[Buffer]>([])

    /// A buffer on its way between owners, of which there is one at a time.
    struct Buffer: @unchecked Sendable {
        let bytes: UnsafeMutableRawPointer
    }

    /// - Parameter size: Bytes of each buffer, at least 1.
    public init(size: Int) {
        self.size = max(1, size)
    }

    deinit {
        for buffer in idle.withLock({ $0 }) { buffer.bytes.deallocate() }
    }

    /// The bytes of a range of a file, fewer if the file ends before (`pread`). Their memory comes back here when nobody
    /// has them any more; a range that is larger than a buffer gets memory of its own.
    public func bytes(of file: OpenFile, in range: Range<Int64>) throws(FileError) -> Data {
        guard range.count <= size else { return Data(try file.bytes(in: range)) }
        let buffer = take()
        let target = UnsafeMutableRawBufferPointer(start: buffer.bytes, count: range.count)
        let count: Int
        do throws(FileError) {
            count = try file.read(into: target, at: range.lowerBound)
        } catch {
            giveBack(buffer)
            throw error
        }
        return Data(bytesNoCopy: buffer.bytes, count: count, deallocator: .custom { _, _ in self.giveBack(buffer) })
    }

    /// Memory of the pool's size with anything in it; it is to be given back.
    func take() -> Buffer {
        idle.withLock { $0.popLast() }
            ?? Buffer(bytes: .allocate(byteCount: size, alignment: 4096))
    }

    func giveBack(_ buffer: Buffer) {
        idle.withLock { $0.append(buffer) }
    }
}
