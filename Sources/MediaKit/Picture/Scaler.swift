import CFFmpeg

/// Owns an `SwsContext`, which scales and converts between two fixed formats with a filter that does not alias.
struct Scaler: ~Copyable {
    /// What the numbers of a picture stand for.
    struct Colour: Hashable {
        /// `SWS_CS_...`.
        var matrix = SWS_CS_ITU601
        var isFullRange = true
        /// Where chroma lies against luma, in 1/256 of a luma sample; nil: in the middle.
        var chromaX: Int64?
        var chromaY: Int64?
    }

    private let context: UnsafeMutableRawPointer
    private let isReady: Bool

    /// Throws `codecNotSupported` for a format that can't be converted (`sws_init_context`).
    init(
        from source: PixelSize, _ format: AVPixelFormat, _ colour: Colour,
        to target: PixelSize, _ targetFormat: AVPixelFormat, _ targetColour: Colour
    ) throws(MediaError) {
        guard let context = cffmpeg_sws_alloc_context() else { throw .outOfMemory }
        self.context = context
        var options: [(String, Int64)] = [
            ("srcw", Int64(source.width)), ("srch", Int64(source.height)), ("src_format", Int64(format.rawValue)),
            ("dstw", Int64(target.width)), ("dsth", Int64(target.height)), ("dst_format", Int64(targetFormat.rawValue)),
            ("src_range", colour.isFullRange ? 1 : 0), ("dst_range", targetColour.isFullRange ? 1 : 0),
            ("sws_flags", cffmpeg_sws_flags()),
        ]
        if let x = colour.chromaX { options.append(("src_h_chr_pos", x)) }
        if let y = colour.chromaY { options.append(("src_v_chr_pos", y)) }
        for (key, value) in options { av_opt_set_int(context, key, value, 0) }
        let code = cffmpeg_sws_init_context(context)
        if code >= 0 {
            _ = cffmpeg_sws_setColorspaceDetails(
                context, colour.matrix, colour.isFullRange ? 1 : 0, targetColour.matrix,
                targetColour.isFullRange ? 1 : 0)
        }
        isReady = code >= 0
    }

    deinit {
        cffmpeg_sws_freeContext(context)
    }

    /// From the upper left of `source` to the whole of `target`, which have the sizes and formats given before
    /// (`sws_scale`).
    func scale(_ source: borrowing Frame, to target: borrowing Frame) throws(MediaError) {
        guard isReady else {
            throw MediaError(.codecNotSupported, "Pictures in the video's pixel format can't be converted.")
        }
        try check(
            cffmpeg_sws_scale(context, source.pointer, target.pointer), .codecNotSupported,
            "The picture can't be scaled")
    }
}
