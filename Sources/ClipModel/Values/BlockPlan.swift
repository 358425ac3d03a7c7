/// How a file divides into upload blocks: sequential, all of the same size except the last, together the whole file.
public struct BlockPlan: Hashable, Sendable {
    public let fileSize: ByteCount
    public let blockSize: ByteCount

    /// The default and the largest block: 2,000,000 bytes, under the services' 2 MB in both readings of "MB".
    public static let largestBlock = ByteCount(2_000_000)
    /// The largest file: `fileSize` is a uint32 in InitialUploadRequest.
    public static let largestFile = ByteCount(Int64(UInt32.max))

    /// The most blocks: each has a digest in the manifest and a row in the journal.
    public static let mostBlocks = 100_000

    /// Throws `BlockPlanError` for an empty file, a file over `largestFile`, a block size outside
    /// 1...`largestBlock`, or more than `mostBlocks`.
    public init(fileSize: ByteCount, blockSize: ByteCount = largestBlock) throws(BlockPlanError) {
        guard fileSize.bytes > 0 else { throw .emptyFile }
        guard fileSize <= Self.largestFile else { throw .fileTooLarge(fileSize) }
        guard blockSize.bytes > 0, blockSize <= Self.largestBlock else { throw .blockSizeOutOfRange(blockSize) }
        self.fileSize = fileSize
        self.blockSize = blockSize
        guard count <= Self.mostBlocks else { throw .tooManyBlocks(count) }
    }

    /// ceil(file size / block size), at least 1; the request's `expectedBlocks`.
    public var count: Int {
        Int((fileSize.bytes + blockSize.bytes - 1) / blockSize.bytes)
    }

    /// The blocks' numbers.
    public var indices: Range<Int> { 0..<count }

    /// The byte range of a block. `index` must be in `0..<count`.
    public subscript(index: Int) -> Range<Int64> {
        let start = Int64(index) * blockSize.bytes
        return start..<min(start + blockSize.bytes, fileSize.bytes)
    }
}

/// Why a file can't be divided.
public enum BlockPlanError: Error, Hashable, Sendable {
    case emptyFile
    case fileTooLarge(ByteCount)
    case blockSizeOutOfRange(ByteCount)
    case tooManyBlocks(Int)
}

extension BlockPlanError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .emptyFile:
            "the file is empty"
        case .fileTooLarge(let size):
            "the file has \(size.bytes) bytes; the service takes at most \(BlockPlan.largestFile.bytes)"
        case .blockSizeOutOfRange(let size):
            "the block size is \(size.bytes) bytes; it must be from 1 to \(BlockPlan.largestBlock.bytes)"
        case .tooManyBlocks(let count):
            "the file would be \(count) blocks; at most \(BlockPlan.mostBlocks) are possible, so choose larger ones"
        }
    }
}
