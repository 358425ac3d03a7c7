import SystemIO
import Transport

extension GameClipsClient {
    /// Bytes, fewer of which do not make it worth to go on for longer.
    private static let leastProgress = 64 << 10

    /// Fetches a clip or a thumbnail, or a part of it, from an address that the service gave (`GET /{uri}`).
    ///
    /// When the connection is lost on the way, it goes on where it was.
    ///
    /// - Parameters:
    ///   - offset: Bytes from the start to leave out.
    ///   - count: Bytes to fetch; nil for all up to the end.
    ///   - sink: Gets the bytes in order with their offset in the file, on the transport's thread. What it
    ///     throws ends the download.
    /// - Returns: How many bytes the sink got.
    /// - Throws: `ServiceFailure`, with status 416 if the service has no byte at `offset`.
    public func download(
        _ uri: String, from offset: Int64 = 0, count: Int64? = nil,
        into sink: @escaping @Sendable (_ chunk: UnsafeRawBufferPointer, _ offset: Int64) throws -> Void
    ) async throws(ServiceFailure) -> Int64 {
        let progress = DownloadProgress(from: max(offset, 0), count: count)
        var call = try transfer.call("the download", .get, uri: uri, successes: [200, 206])
        call.request.headers["Accept"] = "*/*"
        // However long it takes, it is tried again as long as more than drops come.
        let (window, clock) = (RetryWindow(), session.caller.clock)
        let unnoted = Locked(0)
        call.window = window
        call.request.destination = .sink { chunk, head in
            guard let piece = try progress.take(chunk, head) else { return }
            try sink(piece.bytes, piece.offset)
            let isMuch = unnoted.withLock { count in
                count += piece.bytes.count
                guard count >= Self.leastProgress else { return false }
                count = 0
                return true
            }
            if isMuch { window.noteProgress(at: clock.now) }
        }
        call.prepare = { request in request.headers["Range"] = progress.nextAttempt() }
        do {
            try await session.caller.value(of: call) { _ in }
        } catch {
            guard case .transport(let transport) = error.kind,
                case .sink(let mismatch as DownloadMismatch) = transport.kind
            else { throw error }
            var failure = error
            failure.kind = .wrongRange("\(mismatch)")
            throw failure
        }
        return progress.delivered
    }
}
