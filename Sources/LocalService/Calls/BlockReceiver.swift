import ClipModel
import SystemIO

/// Takes the body of one block: into a file of its own as it comes, which becomes the block's when it is
/// whole.
final class BlockReceiver: BodyReceiver {
    private let service: GameClipsService
    private let clip: ClipRow
    private let upload: Upload
    private let block: Int64
    /// Nil when the block is there already: its bytes are read and forgotten.
    private var part: TemporaryFile?
    private var size: Int64 = 0

    init(
        service: GameClipsService, clip: ClipRow, upload: Upload, block: Int64, keeps: Bool
    ) throws(FileError) {
        self.service = service
        self.clip = clip
        self.upload = upload
        self.block = block
        part = keeps ? try upload.newPart() : nil
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> OutgoingResponse? {
        size += Int64(bytes.count)
        guard size <= upload.largestBlock else {
            part = nil
            let reason = "block \(block) has more than \(upload.largestBlock) bytes"
            return service.refused(Refusal.badRequest(reason), .transfer)
        }
        do throws(FileError) {
            try part?.append(bytes.bytes)
            return nil
        } catch {
            part = nil
            return service.refused(error, .transfer)
        }
    }

    func finish() -> Completion {
        do {
            switch try outcome() {
            case .accepted:
                return .now(OutgoingResponse(status: 202).decorated())
            case .completes:
                return .later { [service, clip, upload, block] in
                    service.commit(clip, upload, completedBy: block)
                }
            case .closed:
                return .now(try service.answerAfterUpload(clip.id))
            case .refused(let reason):
                throw Refusal.badRequest(reason)
            }
        } catch {
            return .now(service.refused(error, .transfer))
        }
    }

    private func outcome() throws(FileError) -> Upload.Outcome {
        guard let part = part.take() else {
            // Also when all blocks were there but could not be made into a file: the repeated one tries
            // again.
            return upload.startCommit() ? .completes : .accepted
        }
        return try upload.store(part, block: block, size: size)
    }
}
