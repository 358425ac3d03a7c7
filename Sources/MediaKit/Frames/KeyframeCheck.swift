import CFFmpeg
import ClipModel

/// Looks into packets that claim to be keyframes, for files where every sample does.
struct KeyframeCheck: ~Copyable {
    private let parser: UnsafeMutablePointer<AVCodecParserContext>?
    private let context: CodecContext

    /// Throws `notAvailable` when memory runs out (`av_parser_init`).
    init(_ stream: Stream) throws(MediaError) {
        let context = try CodecContext(nil)
        try check(
            avcodec_parameters_to_context(context.pointer, stream.pointer.pointee.codecpar), .notAvailable,
            "The parser can't be set up")
        self.context = context
        parser = cffmpeg_parser_init(stream.parameters.codec_id)
        parser?.pointee.flags |= PARSER_FLAG_COMPLETE_FRAMES
    }

    deinit {
        if let parser { av_parser_close(parser) }
    }

    /// Whether decoding can start at this packet, as its bytes say; true when nothing can be known
    /// (`av_parser_parse2`).
    func isKeyframe(_ packet: Packet) -> Bool {
        guard let parser, let type = read(packet) else { return true }
        if parser.pointee.key_frame >= 0 { return parser.pointee.key_frame == 1 }
        return type == AV_PICTURE_TYPE_NONE.int32 || type == AV_PICTURE_TYPE_I.int32
    }

    /// Whether the packet's bytes say that it is predicted from both sides, as frames are that are decoded in another
    /// order than they are presented in; false when nothing can be known.
    func isBidirectional(_ packet: Packet) -> Bool {
        read(packet) == AV_PICTURE_TYPE_B.int32
    }

    /// The type of picture; nil when there is no parser for the codec.
    private func read(_ packet: Packet) -> Int32? {
        guard let parser else { return nil }
        parser.pointee.key_frame = -1
        parser.pointee.pict_type = AV_PICTURE_TYPE_NONE.int32
        var output: UnsafeMutablePointer<UInt8>?
        var size: Int32 = 0
        let data = packet.pointer.pointee
        _ = av_parser_parse2(
            parser, context.pointer, &output, &size, data.data, data.size, data.pts, data.dts, data.pos)
        return parser.pointee.pict_type
    }

    /// Every frame of this codec, or of this profile of it, stands by itself (`avcodec_descriptor_get`).
    static func isIntraOnly(_ stream: Stream) -> Bool { has(stream, AV_CODEC_PROP_INTRA_ONLY) }

    /// Frames of this codec may be decoded in another order than they are presented in.
    static func mayReorder(_ stream: Stream) -> Bool { has(stream, AV_CODEC_PROP_REORDER) }

    private static func has(_ stream: Stream, _ property: Int32) -> Bool {
        guard let descriptor = avcodec_descriptor_get(stream.parameters.codec_id) else { return false }
        return descriptor.pointee.props & property != 0
    }
}

extension AVPictureType {
    fileprivate var int32: Int32 { Int32(bitPattern: rawValue) }
}
