import CCurl
import Glibc
import SystemIO

/// One transfer from its start to its end: the libcurl handle and what its callbacks need. It belongs to the
/// transport's thread.
final class Transfer {
    let job: Job
    let easy: EasyHandle
    private var parser: AnswerParser
    private var watch: StallWatch
    private let clock: ContinuousClock.Instant
    private var reader: BodyReader
    private var wasSent = false
    private var bytesReported: Int64 = 0
    private var speedLimit: Int64 = 0
    /// Our own reason to end the transfer, which libcurl knows only as "aborted by callback".
    private var abortReason: (kind: TransportError.Kind, detail: String)?

    /// Sets everything up; nothing happens before the handle is added to a multi handle.
    init(_ job: Job, _ configuration: CurlConfiguration, origin: ContinuousClock.Instant) throws(CurlFailure) {
        self.job = job
        clock = origin
        parser = AnswerParser(job.request.destination)
        reader = BodyReader(job.request.body)
        watch = StallWatch(
            idleLimit: configuration.idleTimeout, answerLimit: configuration.answerTimeout,
            wholeAnswerLimit: configuration.wholeAnswerTimeout,
            leastBytes: job.request.destination.isMemory ? nil : configuration.leastBytes,
            bodyBytes: job.request.body.count)
        var handle = try EasyHandle()
        try handle.configure(job.request, configuration)
        easy = handle
        try easy.setCallbacks(context: Unmanaged.passUnretained(self).toOpaque())
    }

    /// Looks at what moved since the last time, and whether it has been too long.
    func check(at now: Duration) -> TransportError? {
        let sent = easy.bytesSent
        watch.observe(sent: sent, received: parser.bytesReceived, at: now)
        report(sent - unsent)
        return watch.expired(at: now).map { error(.timedOut($0)) }
    }

    /// Bytes of the body that libcurl has handed to the system and that have not arrived at the host: megabytes, on a
    /// slow line. Over HTTP/2 those of other transfers are among them.
    private var unsent: Int64 {
        guard job.request.progress != nil, let socket = easy.socket else { return 0 }
        return min(SendQueue.unacknowledged(by: socket), easy.bytesSent)
    }

    /// Tells of bytes that left; never of fewer than before, unless the body starts again.
    private func report(_ sent: Int64) {
        guard sent > bytesReported else { return }
        bytesReported = sent
        job.request.progress?(sent)
    }

    /// Something left libcurl, and it has not been told of yet.
    var hasUnreportedBytes: Bool { job.request.progress != nil && easy.bytesSent > bytesReported }

    /// Something of the body is left.
    var isSending: Bool { easy.bytesSent < job.request.body.count }

    /// Bytes a second from now on; 0 for no limit (`CURLOPT_MAX_SEND_SPEED_LARGE`).
    func limit(to speed: Int64) {
        guard speed != speedLimit else { return }
        speedLimit = speed
        // Refused only by a libcurl older than 7.15.
        try? easy.set(CURLOPT_MAX_SEND_SPEED_LARGE, offset: speed)
    }

    /// When `check` has to be called at the latest.
    var deadline: Duration? { watch.deadline }

    /// The outcome, once libcurl is done.
    func outcome(_ code: CURLcode) -> Result<HTTPResponse, TransportError> {
        report(easy.bytesSent)
        if let abortReason { return .failure(error(abortReason.kind, abortReason.detail)) }
        guard code == CURLE_OK else {
            let failure = CurlFailure(code: code)
            // The system's own limit: see `prepare`.
            if wasSent, easy.systemError == ETIMEDOUT { return .failure(error(.timedOut(.idle))) }
            return .failure(
                error(failure.kind(wasSent: wasSent), easy.errorText.isEmpty ? failure.text : easy.errorText))
        }
        guard let response = parser.response else { return .failure(error(.malformedResponse, "no status")) }
        return .success(response)
    }

    /// An error of this transfer as it stands now.
    func error(_ kind: TransportError.Kind, _ detail: String = "") -> TransportError {
        TransportError(kind, url: job.request.url.withoutQuery, mayHaveBeenSent: wasSent, detail: detail)
    }

    // What the callbacks do. Each returns false to end the transfer.

    /// Bytes; on the network the system knows better how much is to be under way. Here it would take megabytes for each
    /// connection, and what lies in a queue so long has left the processor's cache before the service reads it.
    private static let sendBufferOnThisMachine: Int32 = 256 << 10

    /// On the network a whole block fits into the system's buffers, where it may lie while the host takes no more of it;
    /// only the system sees that (`TCP_USER_TIMEOUT`).
    func prepare(socket: Int32) {
        var milliseconds = UInt32(clamping: Int64((watch.idleLimit / .milliseconds(1)).rounded()))
        // A system without it waits for the answer's limit instead.
        setsockopt(
            socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, socklen_t(MemoryLayout<UInt32>.size))
        guard job.request.url.origin.isLoopback else { return }
        var sendBuffer = Self.sendBufferOnThisMachine
        setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &sendBuffer, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The connection to `address` is there, the request comes next: the last moment to stop it.
    func connected(to address: String) -> Bool {
        let url = job.request.url
        if !url.origin.isSecure, !HTTPOrigin.isLoopbackAddress(address) {
            return abort(.refusedInsecure, "\(url.origin.host) is \(address)")
        }
        if wasSent {
            // libcurl is about to send the request a second time, on another connection. Not where the system's own limit
            // ended the first (see `prepare`): that was a stall, which whoever decides about retrying has to know of.
            if easy.systemError == ETIMEDOUT { return abort(.timedOut(.idle)) }
            guard job.request.isRepeatable else { return abort(.connectionLost) }
            parser.restart()
            bytesReported = 0
        }
        wasSent = true
        watch.requestStarts(at: clock.duration(to: .now))
        return true
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        do {
            return try reader.read(into: buffer)
        } catch {
            _ = abort(.bodySource(error))
            return nil
        }
    }

    func rewind(to position: Int64) -> Bool {
        reader.seek(to: position)
    }

    func receive(header line: UnsafeRawBufferPointer) -> Bool {
        take { parser throws(AnswerParser.Refusal) in try parser.header(line) }
    }

    func receive(body chunk: UnsafeRawBufferPointer) -> Bool {
        take { parser throws(AnswerParser.Refusal) in try parser.body(chunk) }
    }

    private func take(_ step: (inout AnswerParser) throws(AnswerParser.Refusal) -> Void) -> Bool {
        do {
            try step(&parser)
            return true
        } catch {
            switch error {
            case .malformed(let reason): return abort(.malformedResponse, reason)
            case .tooLarge(let limit): return abort(.responseTooLarge(limit: limit))
            case .sink(let error): return abort(.sink(error))
            }
        }
    }

    private func abort(_ kind: TransportError.Kind, _ detail: String = "") -> Bool {
        abortReason = (kind, detail)
        return false
    }
}
