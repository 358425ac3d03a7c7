import CFFmpeg
import ClipModel

/// Owns an `AVIOContext` that reads a `FileInput` and nothing else.
struct IOContext: ~Copyable {
    let pointer: UnsafeMutablePointer<AVIOContext>
    private let input: FileInput

    /// Throws `notAvailable` when memory runs out (`avio_alloc_context`).
    init(_ input: FileInput) throws(MediaError) {
        let size = 1 << 16
        guard let buffer = av_malloc(size) else { throw .outOfMemory }
        let context = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self), Int32(size), 0, Unmanaged.passUnretained(input).toOpaque(),
            { opaque, buffer, count in
                guard let opaque else { return cffmpeg_AVERROR(EINVAL) }
                return Unmanaged<FileInput>.fromOpaque(opaque).takeUnretainedValue().readPacket(buffer, count)
            }, nil,
            { opaque, offset, whence in
                guard let opaque else { return Int64(cffmpeg_AVERROR(EINVAL)) }
                return Unmanaged<FileInput>.fromOpaque(opaque).takeUnretainedValue().seek(offset, whence)
            })
        guard let context else {
            av_free(buffer)
            throw .outOfMemory
        }
        pointer = context
        self.input = input
    }

    deinit {
        av_freep(&pointer.pointee.buffer)
        var context: UnsafeMutablePointer<AVIOContext>? = pointer
        avio_context_free(&context)
    }
}
