import CFFmpeg
import ClipModel

/// Owns an `AVCodecContext`, opened or not.
struct CodecContext: ~Copyable {
    let pointer: UnsafeMutablePointer<AVCodecContext>

    /// For a codec, or for a parser when that is nil (`avcodec_alloc_context3`).
    init(_ codec: UnsafePointer<AVCodec>?) throws(MediaError) {
        pointer = try check(avcodec_alloc_context3(codec))
    }

    deinit {
        // FFmpeg 5.1 forgets this one.
        av_freep(&pointer.pointee.chroma_intra_matrix)
        var context: UnsafeMutablePointer<AVCodecContext>? = pointer
        avcodec_free_context(&context)
    }
}
