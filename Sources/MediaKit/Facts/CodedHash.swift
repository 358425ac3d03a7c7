import CFFmpeg
import ClipModel

/// SHA-256 over the bytes of a track's coded frames, in the order in which they are decoded: what `ffmpeg -c copy -f
/// streamhash` computes, whatever the container around them.
enum CodedHash {
    /// Bytes read at once.
    private static let most = 1 << 20

    /// Reads all of the video. Nil where some of it is missing. Throws `outOfMemory`, and as `FileInput` does.
    static func of(_ table: SampleTable, _ input: FileInput) throws(MediaError) -> SHA256Digest? {
        guard table.missing == 0 else { return nil }
        guard let context = av_sha_alloc() else { throw .outOfMemory }
        defer { av_free(UnsafeMutableRawPointer(context)) }
        try check(av_sha_init(context, 256), .notAvailable, "There is no SHA-256")
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: most, alignment: 16)
        defer { buffer.deallocate() }
        for part in parts(of: table) {
            var start = part.lowerBound
            while start < part.upperBound {
                let count = Int(min(Int64(most), part.upperBound - start))
                let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
                guard try input.read(at: start, into: bytes) == count else { return nil }
                av_sha_update(context, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count)
                start += Int64(count)
            }
        }
        var digest = [UInt8](repeating: 0, count: 32)
        av_sha_final(context, &digest)
        return SHA256Digest(bytes: digest)
    }

    /// Samples that follow each other in the file are read as one.
    private static func parts(of table: SampleTable) -> [Range<Int64>] {
        var parts: [Range<Int64>] = []
        for sample in table.samples where sample.size > 0 {
            let end = sample.position + Int64(sample.size)
            if let last = parts.last, last.upperBound == sample.position {
                parts[parts.count - 1] = last.lowerBound..<end
            } else {
                parts.append(sample.position..<end)
            }
        }
        return parts
    }
}
