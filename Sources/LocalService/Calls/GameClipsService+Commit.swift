import ClipModel
import SystemIO

extension GameClipsService {
    /// Makes the file of an upload that has all of its blocks, and hands the clip to processing.
    func commit(_ clip: ClipRow, _ upload: Upload, completedBy block: Int64?) -> OutgoingResponse {
        do {
            try upload.assemble(into: folders.clip(clip.id))
            guard try records.move(clip.id, from: .pendingUpload, to: .uploaded, at: configuration.clock.now)
            else {
                if try records.clip(clip.id)?.state == .deleted { folders.removeFiles(of: clip.id) }
                return try answerAfterUpload(clip.id)
            }
            uploads.close(clip.id)
        } catch {
            // Deleted meanwhile, or handed to processing by the recovery of an earlier run.
            if upload.phase == .closed { return answering(.transfer) { try answerAfterUpload(clip.id) } }
            upload.commitFailed(block: block)
            return refused(error, .transfer)
        }
        configuration.report(.clip(id: clip.id, state: .uploaded, reason: nil))
        processor.schedule(clip.id, in: .uploaded)
        return OutgoingResponse(status: 201).decorated()
    }

    /// Removes the blocks of uploads that are over and the files of deleted clips, which a service that was killed may
    /// have left.
    ///
    /// Only before anything is served: an upload that begins has its folder before its record.
    func sweep() throws(LocalServiceError) {
        try LocalServiceError.wrapping {
            uploads.removeOthers(than: Set(try records.clips(in: [.pendingUpload]).map(\.id)))
            folders.removeFiles(ofOthersThan: try records.ids())
        }
    }

    /// Goes on with what an earlier run of the service left unfinished.
    func recover() {
        do {
            for clip in try records.clips(in: [.pendingUpload]) { recover(clip) }
            for clip in try records.clips(in: [.uploaded, .processing, .processed, .publishing]) {
                processor.schedule(clip.id, in: clip.state)
            }
        } catch {
            configuration.report(.problem("the records can't be read: \(error)"))
        }
    }

    private func recover(_ clip: ClipRow) {
        do {
            // The file was made, and only the record of it was not.
            if (try? FileIdentity(of: folders.clip(clip.id)))?.size == Int64(clip.request.fileSize),
                try records.move(clip.id, from: .pendingUpload, to: .uploaded, at: configuration.clock.now)
            {
                return uploads.close(clip.id)
            }
            try uploads.create(clip.id)
            if let upload = try uploads.upload(of: clip, in: records), upload.startCommit() {
                _ = commit(clip, upload, completedBy: nil)
            }
        } catch {
            configuration.report(.problem("the upload of clip \(clip.id) can't go on: \(error)"))
        }
    }
}
