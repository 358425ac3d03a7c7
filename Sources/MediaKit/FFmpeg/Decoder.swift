import CFFmpeg
import ClipModel

/// Decodes one stream.
struct Decoder: ~Copyable {
    private let context: CodecContext

    var pointer: UnsafeMutablePointer<AVCodecContext> { context.pointer }

    /// Pixels of the largest frame that is decoded, 16,384 x 16,384.
    static let mostPixels: Int64 = 16_384 * 16_384
    static let longestSide = 16_384

    /// Throws `codecNotSupported`, `tooLarge`, `nothingDecodable` (`avcodec_open2`).
    ///
    /// `reorderDepth`: how many frames at least the decoder holds back to put them in order.
    init(_ stream: Stream, threads: Int, reorderDepth: Int32) throws(MediaError) {
        let parameters = stream.parameters
        guard let codec = avcodec_find_decoder(parameters.codec_id) else {
            throw MediaError(.codecNotSupported, "There is no decoder for its video (\(stream.codecName)).")
        }
        try Self.checkSize(Int64(parameters.width), Int64(parameters.height))
        let context = try CodecContext(codec)
        let pointer = context.pointer
        try check(
            avcodec_parameters_to_context(pointer, stream.pointer.pointee.codecpar), .notAvailable,
            "The decoder can't be set up")
        pointer.pointee.pkt_timebase = stream.timeBase
        pointer.pointee.max_pixels = Self.mostPixels
        pointer.pointee.has_b_frames = max(pointer.pointee.has_b_frames, min(reorderDepth, 16))
        // Frames without the references that they need are not wanted.
        pointer.pointee.flags &= ~AV_CODEC_FLAG_OUTPUT_CORRUPT
        let threads = min(max(threads, 1), 64)
        pointer.pointee.thread_count = Int32(threads)
        pointer.pointee.thread_type = threads > 1 ? FF_THREAD_FRAME | FF_THREAD_SLICE : 0
        // Frames that several threads decode are given away before their damage is known; an error is not missed.
        if threads > 1 { pointer.pointee.err_recognition |= AV_EF_EXPLODE }
        if parameters.codec_id == AV_CODEC_ID_HEVC { pointer.pointee.get_buffer2 = Poison.getBuffer }
        try check(avcodec_open2(pointer, codec, nil), .nothingDecodable, "The video decoder can't be started")
        self.context = context
    }

    /// Throws `tooLarge` for a picture that is not decoded here.
    static func checkSize(_ width: Int64, _ height: Int64) throws(MediaError) {
        guard width <= Int64(longestSide), height <= Int64(longestSide) else {
            throw MediaError(.tooLarge, "The pictures are too large to be decoded: \(width) x \(height) pixels.")
        }
    }

    /// What the decoder did with a packet.
    enum Sent {
        case taken
        /// Frames must be received first.
        case full
        /// It can't be decoded.
        case refused
    }

    /// Nil: no more packets follow (`avcodec_send_packet`).
    func send(_ packet: Packet?) throws(MediaError) -> Sent {
        let code = avcodec_send_packet(pointer, packet?.pointer)
        if code == cffmpeg_AVERROR(EAGAIN) { return .full }
        if code == cffmpeg_AVERROR(ENOMEM) { throw .outOfMemory }
        return code < 0 && code != cffmpeg_AVERROR_EOF() ? .refused : .taken
    }

    enum Received {
        case frame
        /// It needs more packets first.
        case needsPackets
        case end
        /// A frame was lost.
        case damaged
    }

    /// Fills `frame` with the next one in order of presentation (`avcodec_receive_frame`).
    func receive(into frame: borrowing Frame) throws(MediaError) -> Received {
        let code = avcodec_receive_frame(pointer, frame.pointer)
        if code >= 0 {
            if pointer.pointee.codec_id == AV_CODEC_ID_HEVC, Poison.isLeft(in: frame) {
                frame.pointer.pointee.flags |= AV_FRAME_FLAG_CORRUPT
            }
            return .frame
        }
        if code == cffmpeg_AVERROR(EAGAIN) { return .needsPackets }
        if code == cffmpeg_AVERROR_EOF() { return .end }
        if code == cffmpeg_AVERROR(ENOMEM) { throw .outOfMemory }
        return .damaged
    }

    /// Forgets all packets, ready for those of another place (`avcodec_flush_buffers`).
    func flush() {
        avcodec_flush_buffers(pointer)
    }
}

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
