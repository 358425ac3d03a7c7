import Glibc
import SystemIO

/// The blocks of a clip that is being uploaded.
///
/// Their files are the only record of what was acknowledged: a block gets its name when it is whole, so that
/// nothing else has to be written and nothing can contradict it.
final class Upload: Sendable {
    private let folder: String
    private let progress: Locked<UploadProgress>

    /// Takes note of the blocks that are in `folder` already, and removes what interrupted requests left
    /// there.
    init(folder: String, fileSize: Int64, expectedBlocks: Int64?) throws(FileError) {
        var progress = UploadProgress(fileSize: fileSize, expectedBlocks: expectedBlocks)
        for name in try Folder.names(in: folder) {
            if name.hasSuffix(Self.suffix), let block = Int64(name.dropLast(Self.suffix.count)) {
                let size = try FileIdentity(of: "\(folder)/\(name)").size
                if progress.decision(block: block, size: size) == .store {
                    progress.store(block: block, size: size)
                }
            } else {
                Path.withBytes("\(folder)/\(name)") { _ = unlink($0) }
            }
        }
        self.folder = folder
        self.progress = Locked(progress)
    }

    private static let suffix = ".block"

    var stored: Int { progress.withLock { $0.sizes.count } }
    var isComplete: Bool { progress.withLock { $0.isComplete } }
    var phase: UploadProgress.Phase { progress.withLock { $0.phase } }
    var largestBlock: Int64 { progress.withLock { $0.largestBlock } }

    /// What would be done with a block of that size.
    func decision(block: Int64, size: Int64) -> UploadProgress.BlockDecision {
        progress.withLock { $0.decision(block: block, size: size) }
    }

    /// Whether a block is in range, whatever its size turns out to be.
    func hasPlace(for block: Int64) -> Bool {
        progress.withLock { (0..<$0.count).contains(block) }
    }

    /// A file for the body of one request.
    func newPart() throws(FileError) -> TemporaryFile {
        try TemporaryFile(in: folder, access: .owner)
    }

    /// What storing a block came to.
    enum Outcome: Sendable {
        /// Blocks are still missing, or another request is making the file.
        case accepted
        /// This was the last one: the caller has to make the file.
        case completes
        /// The upload was broken off meanwhile.
        case closed
        case refused(String)
    }

    /// Keeps a block; of two requests with the same block the first one's bytes stay.
    func store(_ part: consuming TemporaryFile, block: Int64, size: Int64) throws(FileError) -> Outcome {
        var part: TemporaryFile? = part
        return try progress.withLock { (progress) throws(FileError) -> Outcome in
            guard progress.phase == .receiving else { return progress.phase == .closed ? .closed : .accepted }
            switch progress.decision(block: block, size: size) {
            case .refused(let reason):
                return .refused(reason)
            case .repeated:
                break
            case .store:
                try part.take()?.publish(as: path(of: block), surviving: .process)
                progress.store(block: block, size: size)
            }
            return progress.startCommit() ? .completes : .accepted
        }
    }

    /// Claims the making of the file after a restart.
    func startCommit() -> Bool {
        progress.withLock { $0.startCommit() }
    }

    /// Makes the blocks into one file at `path`, durably.
    func assemble(into path: String) throws(FileError) {
        let count = progress.withLock { $0.count }
        guard count > 1 else { return try flushAndRename(self.path(of: 0), to: path) }
        try DurableFile.write(to: path) { (file: borrowing TemporaryFile) throws(FileError) in
            for block in 0..<count {
                let source = try OpenFile(self.path(of: block))
                try file.append(0..<source.identity().size, of: source)
            }
        }
    }

    /// The file could not be made: the block that was to complete it may come again.
    func commitFailed(block: Int64?) {
        progress.withLock { progress in
            progress.commitFailed()
            guard let block else { return }
            Path.withBytes(path(of: block)) { _ = unlink($0) }
            progress.remove(block: block)
        }
    }

    /// Nothing more is stored; what was is removed.
    func close() {
        progress.withLock { $0.close() }
        Folders.remove(folder)
    }

    private func flushAndRename(_ old: String, to new: String) throws(FileError) {
        let file = try OpenFile(old)
        guard fsync(file.descriptor) == 0 else { throw FileError(operation: "flush", path: old, code: errno) }
        guard Path.withBytes(old, { old in Path.withBytes(new) { rename(old, $0) } }) == 0 else {
            throw FileError(operation: "rename", path: new, code: errno)
        }
        try Folder.flush(Path.parent(of: new))
    }

    private func path(of block: Int64) -> String {
        "\(folder)/\(block)\(Self.suffix)"
    }
}
