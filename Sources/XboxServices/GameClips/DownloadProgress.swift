import SystemIO
import Transport

/// Where a download is, over all its attempts: asks for what is missing, and finds in each answer the bytes
/// that were not delivered yet.
final class DownloadProgress: Sendable {
    private let start: Int64
    private let end: Int64?
    private let state: Locked<State>

    private struct State {
        /// The next byte of the file to deliver.
        var next: Int64
        /// The byte of the file that the answer has come to; nil before its first piece.
        var position: Int64?
        /// Of the first answer.
        var tag: String?
    }

    init(from start: Int64, count: Int64?) {
        self.start = start
        end = count.map { start + min(max($0, 0), .max - start) }
        state = Locked(State(next: start))
    }

    /// Bytes delivered.
    var delivered: Int64 {
        state.withLock { $0.next } - start
    }

    /// The `Range` header of the next attempt; nil if the whole file is wanted.
    func nextAttempt() -> String? {
        state.withLock { state in
            state.position = nil
            if state.next == 0 && end == nil { return nil }
            return "bytes=\(state.next)-" + (end.map { String(max($0 - 1, state.next)) } ?? "")
        }
    }

    /// The part of a piece of an answer that is to be delivered, and its offset in the file; nil if there is
    /// none.
    ///
    /// - Throws: `DownloadMismatch` if the answer does not fit what was asked for.
    func take(
        _ chunk: UnsafeRawBufferPointer, _ head: HTTPResponse.Head
    ) throws(DownloadMismatch) -> (bytes: UnsafeRawBufferPointer, offset: Int64)? {
        let (range, offset) = try state.withLock { state throws(DownloadMismatch) -> (Range<Int>, Int64) in
            let position = if let position = state.position { position } else { try begin(head, &state) }
            let chunkEnd = position + Int64(chunk.count)
            state.position = chunkEnd
            let offset = state.next
            let wanted = min(chunkEnd, end ?? chunkEnd)
            guard wanted > offset else { return (0..<0, offset) }
            state.next = wanted
            return (Int(offset - position)..<Int(wanted - position), offset)
        }
        return range.isEmpty ? nil : (UnsafeRawBufferPointer(rebasing: chunk[range]), offset)
    }

    /// The byte of the file with which an answer begins.
    private func begin(_ head: HTTPResponse.Head, _ state: inout State) throws(DownloadMismatch) -> Int64 {
        let tag = head.headers["ETag"]
        if state.next == start {
            state.tag = tag
        } else if state.tag != tag {
            throw .changed
        }
        guard head.status == 206 else { return 0 }
        guard let text = head.headers["Content-Range"], let first = Self.firstByte(text), first <= state.next
        else {
            throw .otherRange
        }
        return first
    }

    /// Of `bytes 5-9/10`.
    private static func firstByte(_ contentRange: String) -> Int64? {
        let words = contentRange.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
        return words[1].split(separator: "-").first.flatMap { Int64($0) }
    }
}

/// Why an answer is not the part that was asked for.
enum DownloadMismatch: Error, CustomStringConvertible {
    case changed
    case otherRange

    var description: String {
        switch self {
        case .changed: "the file was replaced while it was being fetched"
        case .otherRange: "it does not begin where it was asked to"
        }
    }
}
