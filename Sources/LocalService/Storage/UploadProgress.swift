/// Which blocks of an upload are there, and what may come next.
///
/// A pure value: the files are `Upload`'s.
struct UploadProgress: Hashable, Sendable {
    let fileSize: Int64
    /// Nil for a file that comes in one request.
    let expectedBlocks: Int64?
    private(set) var sizes: [Int64: Int64] = [:]
    private(set) var phase = Phase.receiving
    private var total: Int64 = 0

    enum Phase: Hashable, Sendable {
        case receiving
        /// All blocks are there and are being made into one file.
        case committing
        /// The file is whole, or the upload was broken off: nothing more is stored.
        case closed
    }

    /// What to do with a block.
    enum BlockDecision: Hashable, Sendable {
        case store
        /// It is there already: nothing to do.
        case repeated
        case refused(String)
    }

    init(fileSize: Int64, expectedBlocks: Int64?) {
        self.fileSize = fileSize
        self.expectedBlocks = expectedBlocks
    }

    /// 1 for a file that comes in one request.
    var count: Int64 { expectedBlocks ?? 1 }

    var isComplete: Bool { Int64(sizes.count) == count }

    /// The largest body that a block may have.
    var largestBlock: Int64 { expectedBlocks == nil ? fileSize : ServiceLimits.largestBlock }

    /// Judges a block by its number and size: with it, the blocks that are still missing must be able to make
    /// up exactly the rest of the file.
    func decision(block: Int64, size: Int64) -> BlockDecision {
        guard (0..<count).contains(block) else {
            return .refused("blockNum is \(block); the upload has \(count) blocks, numbered from 0")
        }
        guard size > 0 else { return .refused("block \(block) is empty") }
        guard size <= largestBlock else {
            return .refused("block \(block) has more than \(largestBlock) bytes")
        }
        if let stored = sizes[block] {
            return stored == size
                ? .repeated
                : .refused("block \(block) is there already, with \(stored) bytes instead of \(size)")
        }
        let rest = fileSize - total - size
        let missing = count - Int64(sizes.count) - 1
        guard rest >= missing, rest <= missing * largestBlock else {
            return .refused(
                "with \(size) bytes for block \(block) the blocks can't make up a file of \(fileSize) bytes: "
                    + "\(missing) more are expected for \(rest) bytes")
        }
        return .store
    }

    /// Takes note of a block that is stored; only after the decision `.store`.
    mutating func store(block: Int64, size: Int64) {
        sizes[block] = size
        total += size
    }

    /// Takes a block back that could not be made part of the file.
    mutating func remove(block: Int64) {
        total -= sizes.removeValue(forKey: block) ?? 0
    }

    /// Claims the making of the file: true for one caller only, once all blocks are there.
    mutating func startCommit() -> Bool {
        guard phase == .receiving, isComplete else { return false }
        phase = .committing
        return true
    }

    mutating func commitFailed() {
        if phase == .committing { phase = .receiving }
    }

    mutating func close() {
        phase = .closed
    }
}
