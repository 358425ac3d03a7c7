public import ClipModel
import Dispatch

/// The digests of a file and of each of its upload blocks.
public struct FileDigests: Hashable, Sendable {
    public var file: SHA256Digest
    public var blocks: [SHA256Digest]
}

extension FileDigests {
    /// Reads the file once, block by block, and computes all digests from that one reading.
    ///
    /// Each block is hashed twice, for itself and for the file, so two threads share the work: this one reads and
    /// hashes for the file, the other hashes each block. At most three blocks are in memory.
    ///
    /// - Throws: `DigestingError.changed` if the file is not as long as the plan says.
    public init(of file: OpenFile, plan: BlockPlan) throws(DigestingError) {
        if plan.count == 1 {
            let only = try Self.readBlock(0, of: file, plan: plan)
            do { self.file = try SHA256Hasher.digest(of: only.span.bytes) } catch { throw .digest(error) }
            blocks = [self.file]
            return
        }
        let blockHashing = BlockHashing(count: plan.count)
        do {
            var hasher = try SHA256Hasher()
            for index in 0..<plan.count {
                let bytes = try Self.readBlock(index, of: file, plan: plan)
                blockHashing.start(index, bytes)
                try hasher.update(bytes.span.bytes)
            }
            self.file = try hasher.finish()
            blocks = try blockHashing.finish()
        } catch let error as DigestingError {
            throw error
        } catch let error as DigestError {
            throw .digest(error)
        } catch {
            throw .digest(DigestError())
        }
    }

    private static func readBlock(_ index: Int, of file: OpenFile, plan: BlockPlan) throws(DigestingError) -> [UInt8] {
        let range = plan[index]
        let bytes: [UInt8]
        do { bytes = try file.bytes(in: range) } catch { throw .file(error) }
        guard bytes.count == range.count else { throw .changed(path: file.path) }
        return bytes
    }
}

/// Hashes blocks on a thread beside the reader's, which waits once two blocks are queued.
private final class BlockHashing: Sendable {
    private let queue = DispatchQueue(label: "clipship.block-digests")
    private let room = DispatchSemaphore(value: 2)
    private let digests: Guarded<[SHA256Digest?]>

    init(count: Int) {
        digests = Guarded(Array(repeating: nil, count: count))
    }

    func start(_ index: Int, _ bytes: [UInt8]) {
        room.wait()
        queue.async { [self] in
            let digest = try? SHA256Hasher.digest(of: bytes.span.bytes)
            digests.withLock { $0[index] = digest }
            room.signal()
        }
    }

    func finish() throws(DigestError) -> [SHA256Digest] {
        queue.sync {}
        let known = digests.withLock { $0.compactMap(\.self) }
        guard known.count == digests.withLock({ $0.count }) else { throw DigestError() }
        return known
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
