import CFFmpeg
import ClipModel

/// Owns an `SwsContext`, which scales and converts from one kind of picture to another with a filter that does not
/// alias.
final class Scaler {
    /// What the numbers of a picture stand for.
    struct Colour: Hashable {
        /// `SWS_CS_...`.
        var matrix = SWS_CS_ITU601
        var isFullRange = true
        /// Where chroma lies against luma, in 1/256 of a luma sample; nil: in the middle.
        var chromaX: Int64?
        var chromaY: Int64?
    }

    /// One side of a conversion.
    struct Picture: Hashable {
        var size: PixelSize
        var format: AVPixelFormat
        var colour = Colour()
    }

    private let context: UnsafeMutableRawPointer

    /// Throws `codecNotSupported` for a format that can't be converted (`sws_init_context`).
    init(from source: Picture, to target: Picture) throws(MediaError) {
        guard let context = cffmpeg_sws_alloc_context() else { throw .outOfMemory }
        self.context = context
        var options: [(String, Int64)] = [
            ("srcw", Int64(source.size.width)), ("srch", Int64(source.size.height)),
            ("src_format", Int64(source.format.rawValue)), ("src_range", source.colour.isFullRange ? 1 : 0),
            ("dstw", Int64(target.size.width)), ("dsth", Int64(target.size.height)),
            ("dst_format", Int64(target.format.rawValue)), ("dst_range", target.colour.isFullRange ? 1 : 0),
            ("sws_flags", cffmpeg_sws_flags()),
        ]
        if let x = source.colour.chromaX { options.append(("src_h_chr_pos", x)) }
        if let y = source.colour.chromaY { options.append(("src_v_chr_pos", y)) }
        for (key, value) in options { av_opt_set_int(context, key, value, 0) }
        guard cffmpeg_sws_init_context(context) >= 0 else {
            throw MediaError(.codecNotSupported, "Pictures in the video's pixel format can't be converted.")
        }
        _ = cffmpeg_sws_setColorspaceDetails(
            context, source.colour.matrix, source.colour.isFullRange ? 1 : 0, target.colour.matrix,
            target.colour.isFullRange ? 1 : 0)
    }

    deinit {
        cffmpeg_sws_freeContext(context)
    }

    /// From the upper left of `source` to the whole of `target`, which have the sizes and formats given before
    /// (`sws_scale`).
    func scale(_ source: borrowing Frame, to target: borrowing Frame) throws(MediaError) {
        try check(
            cffmpeg_sws_scale(context, source.pointer, target.pointer), .codecNotSupported,
            "The picture can't be scaled")
    }
}
