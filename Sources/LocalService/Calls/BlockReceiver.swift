import ClipModel
import SystemIO

/// Takes the body of one block: into a file of its own as it comes, which becomes the block's when it is whole.
final class BlockReceiver: BodyReceiver {
    private let service: GameClipsService
    private let clip: ClipRecord
    private let upload: Upload
    private let block: Int64
    /// Nil when the block is there already: its bytes are read and forgotten.
    private var part: PartFile?
    private var size: Int64 = 0

    init(
        service: GameClipsService, clip: ClipRecord, upload: Upload, block: Int64, keeps: Bool
    ) throws(FileError) {
        self.service = service
        self.clip = clip
        self.upload = upload
        self.block = block
        part = keeps ? try upload.newPart() : nil
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> HTTPResponse? {
        size += Int64(bytes.count)
        guard size <= upload.largestBlock else {
            part = nil
            let reason = "block \(block) has more than \(upload.largestBlock) bytes"
            return service.refused(Refusal.badRequest(reason), .transfer)
        }
        do throws(FileError) {
            try part?.append(bytes)
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
                return .now(HTTPResponse(status: 202).decorated())
            case .completes:
                return .later { [service, clip, upload, block] in
                    service.commit(clip, upload, completedBy: block)
                }
            case .closed:
                throw Refusal.gone("the upload is over")
            case .refused(let reason):
                throw Refusal.badRequest(reason)
            }
        } catch {
            return .now(service.refused(error, .transfer))
        }
    }

    private func outcome() throws(FileError) -> Upload.Outcome {
        guard let part = part.take() else {
            // Also when all blocks were there but could not be made into a file: the repeated one tries again.
            return upload.startCommit() ? .completes : .accepted
        }
        return try upload.store(part, block: block, size: size)
    }
}

extension GameClipsService {
    /// Makes the file of an upload that has all of its blocks, and hands the clip to processing.
    func commit(_ clip: ClipRecord, _ upload: Upload, completedBy block: Int64?) -> HTTPResponse {
        do {
            try upload.assemble(into: folders.clip(clip.id))
            let isOurs = try records.move(clip.id, from: .pendingUpload, to: .uploaded, at: configuration.now())
            uploads.close(clip.id)
            guard isOurs else {
                folders.removeFiles(of: clip.id)
                throw Refusal.gone("the clip was deleted")
            }
        } catch {
            if upload.phase == .closed { return refused(Refusal.gone("the clip was deleted"), .transfer) }
            upload.commitFailed(block: block)
            return refused(error, .transfer)
        }
        configuration.report(.clip(id: clip.id, state: .uploaded, reason: nil))
        processor.schedule(clip.id, in: .uploaded)
        return HTTPResponse(status: 201).decorated()
    }

    /// Goes on with what an earlier run of the service left unfinished.
    func recover() {
        do {
            let pending = try records.clips(in: [.pendingUpload])
            for clip in pending { recover(clip) }
            uploads.removeOthers(than: Set(pending.map(\.id)))
            for clip in try records.clips(in: [.uploaded, .processing, .processed, .publishing]) {
                processor.schedule(clip.id, in: clip.state)
            }
        } catch {
            configuration.report(.problem("the records can't be read: \(error)"))
        }
    }

    private func recover(_ clip: ClipRecord) {
        do {
            // The file was made, and only the record of it was not.
            if (try? FileIdentity(of: folders.clip(clip.id)))?.size == Int64(clip.request.fileSize),
                try records.move(clip.id, from: .pendingUpload, to: .uploaded, at: configuration.now())
            {
                return uploads.close(clip.id)
            }
            try uploads.create(clip.id)
            let upload = try uploads.upload(of: clip)
            if upload.startCommit() { _ = commit(clip, upload, completedBy: nil) }
        } catch {
            configuration.report(.problem("the upload of clip \(clip.id) can't go on: \(error)"))
        }
    }
}
