import CFFmpeg
import CLinux
import ClipModel
import Glibc

/// The file as the demuxer reads it: `pread` on a descriptor that belongs to the caller, whose own offset stays where
/// it is. The size is the one at the start: a file that grows meanwhile is read up to there.
final class FileInput {
    /// Bytes.
    let size: Int64
    /// What ended reading for good; kept because FFmpeg's return codes lose it.
    private(set) var failure: MediaError?
    /// Ranges in ascending order that the demuxer is not given the bytes of: it gets the number that it asks for, with
    /// nothing in them. For walking over packets whose times are wanted, not their contents.
    var hollow: [Range<Int64>] = []

    private let descriptor: Int32
    /// Where the types of boxes are that the demuxer takes for free space.
    private var hidden: [Int64] = []
    private var position: Int64 = 0
    private let deadline: ContinuousClock.Instant
    private let limit: Duration
    private let progress: () -> Void

    /// Throws `unreadable` (`fstat`), `empty`.
    init(descriptor: Int32, deadline limit: Duration, progress: @escaping () -> Void = {}) throws(MediaError) {
        var status = stat()
        guard clinux_fstat(descriptor, &status) == 0 else { throw Self.unreadable(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw MediaError(.unreadable, "It is not a regular file.")
        }
        guard status.st_size > 0 else { throw MediaError(.empty, "The file is empty.") }
        self.descriptor = descriptor
        self.limit = limit
        self.progress = progress
        size = Int64(status.st_size)
        deadline = .now + limit
    }

    /// Throws the failure of an earlier read, or `deadlineExceeded`. Called with every packet, so it also tells that
    /// there is progress.
    func checkDeadline() throws(MediaError) {
        progress()
        if let failure { throw failure }
        if ContinuousClock.now >= deadline { throw timedOut() }
    }

    private func timedOut() -> MediaError {
        let error = MediaError(
            .deadlineExceeded, "It was given up because it took longer than \(limit.components.seconds) s.")
        failure = error
        return error
    }

    /// Has the demuxer skip a box: it reads `free` for its type (ISO/IEC 14496-12, section 8.1.2).
    func hide(_ box: Box) {
        hidden.append(box.typeOffset)
    }

    private func maskHidden(_ bytes: UnsafeMutableBufferPointer<UInt8>, at offset: Int64) {
        for place in hidden {
            for (index, byte) in "free".utf8.enumerated() {
                let target = place + Int64(index) - offset
                if target >= 0, target < bytes.count { bytes[Int(target)] = byte }
            }
        }
    }

    /// The bytes from `offset`, at most `count` of them; fewer only at the end of the file.
    func bytes(at offset: Int64, count: Int) throws(MediaError) -> [UInt8] {
        try checkDeadline()
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, read(into: UnsafeMutableRawBufferPointer(buffer), at: offset))
        }
        if let failure { throw failure }
        return bytes
    }

    /// Fills a buffer with the bytes from `offset`; returns how many there were. Throws `unreadable`,
    /// `deadlineExceeded`.
    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(MediaError) -> Int {
        try checkDeadline()
        var filled = 0
        while filled < buffer.count {
            let count = read(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]), at: offset + Int64(filled))
            if let failure { throw failure }
            guard count > 0 else { break }
            filled += count
        }
        return filled
    }

    /// Bytes read, 0 at the end, -1 after a failure.
    private func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int {
        guard offset >= 0, offset < size else { return 0 }
        let wanted = Int(min(Int64(buffer.count), size - offset))
        while true {
            let count = pread(descriptor, buffer.baseAddress, wanted, off_t(offset))
            if count >= 0 { return count }
            guard errno == EINTR else {
                failure = Self.unreadable(errno)
                return -1
            }
        }
    }

    private static func unreadable(_ code: Int32) -> MediaError {
        MediaError(.unreadable, "It cannot be read: \(String(cString: strerror(code))).", code: code)
    }
}

/// The two callbacks of an `AVIOContext`.
extension FileInput {
    /// `read_packet`: bytes read, or a negative code of FFmpeg.
    func readPacket(_ buffer: UnsafeMutablePointer<UInt8>?, _ count: Int32) -> Int32 {
        guard failure == nil, let buffer, count > 0 else { return cffmpeg_AVERROR(EIO) }
        progress()
        if ContinuousClock.now >= deadline {
            _ = timedOut()
            return cffmpeg_AVERROR_EXIT()
        }
        if let skipped = hollowBytes(most: Int64(count)) {
            position += skipped
            return Int32(skipped)
        }
        let read = read(into: UnsafeMutableRawBufferPointer(start: buffer, count: Int(count)), at: position)
        guard read >= 0 else { return cffmpeg_AVERROR(EIO) }
        guard read > 0 else { return cffmpeg_AVERROR_EOF() }
        maskHidden(UnsafeMutableBufferPointer(start: buffer, count: read), at: position)
        position += Int64(read)
        return Int32(read)
    }

    /// How many of the next bytes lie in a hollow range; nil when the first one does not.
    private func hollowBytes(most count: Int64) -> Int64? {
        var (low, high) = (0, hollow.count)
        while low < high {
            let middle = (low + high) / 2
            if hollow[middle].upperBound <= position { low = middle + 1 } else { high = middle }
        }
        guard low < hollow.count, hollow[low].lowerBound <= position else { return nil }
        return min(count, hollow[low].upperBound - position)
    }

    /// `seek`: the new position, the size for `AVSEEK_SIZE`, or a negative code of FFmpeg.
    func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
        let base: Int64
        switch whence & ~AVSEEK_FORCE {
        case AVSEEK_SIZE: return size
        case SEEK_SET: base = 0
        case SEEK_CUR: base = position
        case SEEK_END: base = size
        default: return Int64(cffmpeg_AVERROR(EINVAL))
        }
        let (target, overflow) = base.addingReportingOverflow(offset)
        guard !overflow, target >= 0 else { return Int64(cffmpeg_AVERROR(EINVAL)) }
        position = target
        return target
    }
}
