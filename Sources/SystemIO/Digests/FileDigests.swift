public import ClipModel
import Dispatch

/// The digests of a file and of each of its upload blocks.
public struct FileDigests: Hashable, Sendable {
    public var file: SHA256Digest
    public var blocks: [SHA256Digest]
}

extension FileDigests {
    /// Reads the file once, piece by piece, and computes all digests from that one reading.
    ///
    /// Each byte is hashed twice, for the file and for its block. Up to its end, the first block is what there is of the
    /// file. Memory is a few pieces, used over and over.
    ///
    /// - Parameter isAlone: There are cores to spare, so another thread hashes the blocks; threads that take turns on a
    ///   core wait for each other more than they help.
    /// - Throws: `DigestingError.changed` if the file is not as long as the plan says.
    public init(of file: OpenFile, plan: BlockPlan, isAlone: Bool) throws(DigestingError) {
        let others = BlockHashing(hasThread: isAlone)
        do {
            var hasher = try SHA256Hasher()
            var first: [SHA256Digest] = []
            for index in 0..<plan.count {
                let range = plan[index]
                var offset = range.lowerBound
                while offset < range.upperBound {
                    let piece = try Self.read(offset..<range.upperBound, of: file, into: others)
                    // A piece that is nobody's any more goes back, whatever happens to it here.
                    defer { if index == 0 { others.giveBack() } }
                    offset += Int64(piece.count)
                    if index > 0 { others.start(piece, endsBlock: offset == range.upperBound) }
                    try hasher.update(others[piece].bytes)
                }
                if index == 0 { first = [try hasher.current()] }
            }
            self.file = try hasher.finish()
            blocks = first + (try others.finish())
        } catch let error as DigestingError {
            throw error
        } catch {
            throw .digest(error as? DigestError ?? DigestError())
        }
    }
}

extension FileDigests {
    private static let pieceSize = 1 << 18

    /// Fills the next free piece from the start of `range`; answers where in the memory it is.
    private static func read(
        _ range: Range<Int64>, of file: OpenFile, into hashing: BlockHashing
    ) throws(DigestingError) -> Range<Int> {
        let piece = hashing.nextPiece(atMost: range.count)
        do throws(DigestingError) {
            let count: Int
            do { count = try file.read(into: hashing[piece], at: range.lowerBound) } catch { throw .file(error) }
            guard count == piece.count else { throw .changed(path: file.path) }
            return piece
        } catch {
            hashing.giveBack()
            throw error
        }
    }

    /// Hashes blocks, on a thread beside the reader's, which waits while all pieces are in use, or on the reader's.
    ///
    /// The pieces' memory is its own, and it lives until the last piece is hashed. A piece belongs to the reader from
    /// `nextPiece` to `start`, and is only read from then on until `room` says that it is free, so there is no race.
    private final class BlockHashing: @unchecked Sendable {
        private let memory: BufferPool.Buffer
        /// Nil: the reader's thread hashes.
        private let queue: DispatchQueue?
        private let room: DispatchSemaphore
        private let pieceCount: Int
        private var next = 0
        // These are used on the queue only.
        private var hasher: SHA256Hasher?
        private var digests: [SHA256Digest] = []
        private var isBetweenBlocks = true
        private var failure: DigestError?

        private static let mostPieces = 4
        private static let pool = BufferPool(size: mostPieces * pieceSize)

        init(hasThread: Bool) {
            queue = hasThread ? DispatchQueue(label: "clipship.block-digests") : nil
            pieceCount = hasThread ? Self.mostPieces : 1
            room = DispatchSemaphore(value: pieceCount)
            memory = Self.pool.take()
        }

        deinit {
            Self.pool.giveBack(memory)
        }

        subscript(piece: Range<Int>) -> UnsafeMutableRawBufferPointer {
            UnsafeMutableRawBufferPointer(start: memory.bytes + piece.lowerBound, count: piece.count)
        }

        func nextPiece(atMost count: Int) -> Range<Int> {
            room.wait()
            defer { next = (next + 1) % pieceCount }
            let start = next * pieceSize
            return start..<(start + min(count, pieceSize))
        }

        /// The piece is not needed by the other thread.
        func giveBack() {
            room.signal()
        }

        func start(_ piece: Range<Int>, endsBlock: Bool) {
            let work = { @Sendable [self] in
                hash(self[piece], endsBlock: endsBlock)
                room.signal()
            }
            if let queue { queue.async(execute: work) } else { work() }
        }

        private func hash(_ piece: UnsafeMutableRawBufferPointer, endsBlock: Bool) {
            do throws(DigestError) {
                if isBetweenBlocks { hasher = try SHA256Hasher() }
                isBetweenBlocks = endsBlock
                try hasher?.update(piece.bytes)
                if endsBlock, let done = hasher.take() { digests.append(try done.finish()) }
            } catch {
                failure = error
            }
        }

        /// The blocks' digests, once all pieces are hashed.
        func finish() throws(DigestError) -> [SHA256Digest] {
            // What was started is done then.
            queue?.sync {}
            if let failure { throw failure }
            return digests
        }
    }
}

/// Why a file's digests could not be computed.
public enum DigestingError: Error, Hashable, Sendable {
    case file(FileError)
    case digest(DigestError)
    /// The file became shorter while it was read.
    case changed(path: String)
}

extension DigestingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .digest(let error): error.description
        case .changed: "the file became shorter while it was read"
        }
    }
}
