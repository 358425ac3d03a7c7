public import ClipModel
public import FoundationEssentials
public import Transport

extension GameClipsClient {
    /// Bytes of an answer to what goes up: it says next to nothing, and there are many at a time.
    private static let shortAnswer = 256 << 10

    /// Whether the service can be asked about it: what it issues is a GUID, and this is about what would lead elsewhere.
    private static func isID(_ text: String) -> Bool {
        (1...200).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
            && !text.utf8.contains { "/\\?#%".utf8.contains($0) } && text != "." && text != ".."
    }

    /// Asks for an upload (`POST /users/me/scids/{scid}/clips`).
    ///
    /// Not idempotent: it is tried again only while it provably was not received or the service answered 429
    /// or 503. Any other outcome without a readable answer throws a failure whose recovery is `.reconcile`.
    /// That the user is over quota is a no to the caller: `.notAllowed`.
    public func initiateUpload(
        scid: String, _ request: WithUnknownFields<InitialUploadRequest>, window: RetryWindow? = nil
    ) async throws(ServiceFailure) -> WithUnknownFields<InitialUploadResponse> {
        let name = "the initial upload request"
        let call = try metadata.call(
            name, .post, ["users", "me", "scids", scid, "clips"],
            body: try CallBuilder.json(request, for: name),
            isIdempotent: false, window: window)
        let read = call.reading(WithUnknownFields<InitialUploadResponse>.self)
        do throws(ServiceFailure) {
            return try await session.caller.value(of: call) { response throws(ServiceFailure) in
                let answer = try read(response)
                guard Self.isID(answer.known.gameClipId) else {
                    let reason = "\"gameClipId\" is no id: \"\(answer.known.gameClipId.prefix(100))\""
                    throw ServiceFailure(
                        call, .unexpectedJSON(reason), RetryDecision.recovery(ofUnreadableAnswerTo: call))
                }
                return answer
            }
        } catch {
            // The same status as for a mistake in the body: only the words tell.
            guard case .status(400, let message?) = error.kind, message.isOverQuota else { throw error }
            var failure = error
            failure.recovery = .notAllowed
            throw failure
        }
    }

    /// Sends one block, or the whole file when `number` is nil (`PUT /{uploadUri}`). Blocks may go up in any
    /// order and several at a time.
    ///
    /// - Parameters:
    ///   - uploadURI: As the service gave it; its own query is kept.
    ///   - clipID: Becomes `uploadId` unless the address has one already.
    ///   - number: From 0; nil if the initial request had no `expectedBlocks`.
    ///   - progress: Called on the transport's thread with the bytes of this block that have left this machine so far;
    ///     it starts again from 0 when the block is sent again.
    ///   - refused: Called whenever the service says that it has too much to do (429, 503); the block is sent again.
    public func putBlock(
        _ number: UInt32?, to uploadURI: String, clipID: String, body: HTTPBody, window: RetryWindow? = nil,
        progress: (@Sendable (_ bytesSent: Int64) -> Void)? = nil, refused: (@Sendable () -> Void)? = nil
    ) async throws(ServiceFailure) -> BlockOutcome {
        let name = number.map { "block \($0)" } ?? "the upload"
        var call = try transfer.call(name, .put, uri: uploadURI, successes: [200, 201, 202], window: window)
        var parameters: [(name: String, value: String)] = []
        if let number { parameters.append(("blockNum", String(number))) }
        if !call.request.url.hasParameter("uploadId") { parameters.append(("uploadId", clipID)) }
        do {
            call.request.url = try call.request.url.merging(parameters)
        } catch {
            throw ServiceFailure(call, .badAddress(error), .giveUp)
        }
        call.request.headers["Content-Type"] = "application/octet-stream"
        call.request.body = body
        call.request.progress = progress
        call.refused = refused
        call.request.destination = .memory(limit: Self.shortAnswer)
        return try await session.caller.value(of: call) { $0.status == 202 ? .accepted : .committed }
    }

    /// Sends a thumbnail (`PUT` to its URI).
    ///
    /// - Parameter jpeg: 856 x 424 for `.large`, 424 x 208 for `.small`.
    public func putThumbnail(
        _ type: ThumbnailType, to uri: String, jpeg: Data, window: RetryWindow? = nil
    ) async throws(ServiceFailure) {
        var call = try transfer.call(
            "the \(type.rawValue.lowercased()) thumbnail", .put, uri: uri, successes: [200, 201, 202, 204],
            window: window)
        call.request.headers["Content-Type"] = "image/jpeg"
        call.request.body = .bytes(jpeg)
        call.request.destination = .memory(limit: Self.shortAnswer)
        try await session.caller.value(of: call) { _ in }
    }
}

/// What the service says to a block.
public enum BlockOutcome: Hashable, Sendable {
    /// Taken; others are missing (202).
    case accepted
    /// It was the last that was missing (200, 201).
    case committed
}
