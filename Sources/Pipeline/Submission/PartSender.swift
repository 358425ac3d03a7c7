import ClipModel
import Journal
import SystemIO
import Transport
import XboxServices

/// Sends the parts of one upload to the addresses that the service gave for them.
struct PartSender: Sendable {
    let transfer: ClipTransfer
    let contents: ClipContents
    let file: OpenFile
    let record: ClipRecord

    private var client: GameClipsClient { transfer.driver.client }
    private var id: String { record.gameClipId ?? "" }

    func send(_ type: ThumbnailType) async throws(ClipFailure) {
        let jpeg = try await contents.thumbnail(type)
        let uri = (type == .large ? record.largeThumbnailUri : record.smallThumbnailUri) ?? ""
        try await refreshingAddress { () throws(ServiceFailure) in
            try await client.putThumbnail(type, to: uri, jpeg: jpeg, window: transfer.window)
        }
    }

    func send(block number: Int) async throws(ClipFailure) -> BlockOutcome {
        if let outcome = try await sendAsKnown(number) { return outcome }
        let bytes = try await contents.block(number, of: file, in: transfer.driver.buffers)
        return try await refreshingAddress { () throws(ServiceFailure) in try await put(number, .bytes(bytes)) }
    }

    /// Nil unless the file is known, and stays, what was hashed; what the service has got of the block by then is no block.
    private func sendAsKnown(_ number: Int) async throws(ClipFailure) -> BlockOutcome? {
        guard let body = await contents.stampedBlock(number, of: file) else { return nil }
        return try await refreshingAddress { () throws(ServiceFailure) -> BlockOutcome? in
            do throws(ServiceFailure) {
                return try await put(number, body)
            } catch {
                guard error.isOfTheBody else { throw error }
                return nil
            }
        }
    }

    private func put(_ number: Int, _ body: HTTPBody) async throws(ServiceFailure) -> BlockOutcome {
        do throws(ServiceFailure) {
            return try await client.putBlock(
                UInt32(clamping: number), to: record.uploadUri ?? "", clipID: id, body: body, window: transfer.window,
                progress: { [transfer] in transfer.noteSent($0, ofBlock: number) },
                refused: { [transfer] in transfer.driver.blocks.noteRefusal() })
        } catch {
            transfer.noteSent(nil, ofBlock: number)
            throw error
        }
    }

    /// Makes a call to an address of the upload. Where it has expired (403), a `GET` of the clip has the service make it
    /// good again; until it is, the service answers 500, which is tried again like any other.
    private func refreshingAddress<Value>(
        _ send: () async throws(ServiceFailure) -> Value
    ) async throws(ClipFailure) -> Value {
        do throws(ServiceFailure) {
            do throws(ServiceFailure) {
                return try await send()
            } catch {
                guard error.status == 403 else { throw error }
            }
            _ = try await client.clip(id, scid: transfer.order.scid, window: transfer.window)
            return try await send()
        } catch {
            throw ClipFailure(error)
        }
    }
}
