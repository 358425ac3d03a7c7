import CFFmpeg

/// What the numbers of a decoded picture stand for, with a sensible reading of tags that are missing, reserved or
/// contradictory.
struct PictureColour: Hashable {
    enum Range: Hashable {
        case standard
        /// SMPTE ST 2084.
        case pq
        /// ARIB STD-B67.
        case hlg
    }

    enum Primaries: String, Hashable {
        /// BT.709, and those so near that players do not tell them apart.
        case narrow = "bt709"
        case bt2020 = "2020"
        case displayP3 = "smpte432"
        case theatreP3 = "smpte431"
    }

    var dynamicRange = Range.standard
    var primaries = Primaries.narrow
    /// For the scaler; `SWS_CS_...`.
    var scaling: Scaler.Colour
    /// Sentences about tags that were not taken at their word.
    var warnings: [String] = []

    /// HDR or a wide gamut: more than the scaler is needed to show it on an ordinary screen.
    var needsMapping: Bool { dynamicRange != .standard || primaries != .narrow }

    init(_ frame: borrowing Frame) {
        let tags = frame.pointer.pointee
        dynamicRange = Self.dynamicRange(tags.color_trc)
        primaries = Self.primaries(tags.color_primaries, dynamicRange)
        let isHDR = dynamicRange != .standard
        let fallback =
            isHDR ? SWS_CS_BT2020 : Self.isHighDefinition(frame.size) ? SWS_CS_ITU709 : SWS_CS_ITU601
        let traits = PixelTraits(frame.format)
        var matrix = fallback
        switch Self.matrix(tags.colorspace) {
        case .known(let known): matrix = known
        case .unspecified: break
        case .strange where traits.isRGB: break
        case .strange:
            warnings.append("The video's colour matrix tag can't be used; the usual one for its size is taken.")
        }
        if let transfer = Self.unusualTransfer(tags.color_trc) {
            warnings.append("The video's light is coded in a way that is not shown right here (\(transfer)).")
        }
        scaling = Scaler.Colour(
            matrix: matrix, isFullRange: tags.color_range == AVCOL_RANGE_JPEG || traits.isAlwaysFullRange)
        (scaling.chromaX, scaling.chromaY) = Self.chromaPosition(tags.chroma_location, traits)
    }

    /// The same by what the container says of a stream, which may be nothing.
    static func needsMapping(_ parameters: AVCodecParameters) -> Bool {
        let range = dynamicRange(parameters.color_trc)
        return range != .standard || primaries(parameters.color_primaries, range) != .narrow
    }

    private static func primaries(_ tag: AVColorPrimaries, _ range: Range) -> Primaries {
        switch tag {
        case AVCOL_PRI_BT2020: .bt2020
        case AVCOL_PRI_SMPTE432: .displayP3
        case AVCOL_PRI_SMPTE431: .theatreP3
        case AVCOL_PRI_BT709: .narrow
        default: range == .standard ? .narrow : .bt2020
        }
    }

    static func dynamicRange(_ transfer: AVColorTransferCharacteristic) -> Range {
        switch transfer {
        case AVCOL_TRC_SMPTE2084: .pq
        case AVCOL_TRC_ARIB_STD_B67: .hlg
        default: .standard
        }
    }

    /// The name of a transfer that is neither one of the usual ones of SDR, nor PQ nor HLG; nil for others, and where
    /// the tag says nothing (ITU-T H.273, table 3).
    private static func unusualTransfer(_ transfer: AVColorTransferCharacteristic) -> String? {
        switch transfer {
        case AVCOL_TRC_LINEAR, AVCOL_TRC_LOG, AVCOL_TRC_LOG_SQRT, AVCOL_TRC_SMPTE428:
            av_color_transfer_name(transfer).map { String(cString: $0) }
        default: nil
        }
    }

    private enum Matrix {
        case known(Int32)
        case unspecified
        case strange
    }

    private static func matrix(_ tag: AVColorSpace) -> Matrix {
        switch tag {
        case AVCOL_SPC_BT709: .known(SWS_CS_ITU709)
        case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M: .known(SWS_CS_ITU601)
        case AVCOL_SPC_FCC: .known(SWS_CS_FCC)
        case AVCOL_SPC_SMPTE240M: .known(SWS_CS_SMPTE240M)
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: .known(SWS_CS_BT2020)
        case AVCOL_SPC_UNSPECIFIED: .unspecified
        default: .strange
        }
    }

    /// By the longer side, so that turned recordings are judged like others.
    private static func isHighDefinition(_ size: PixelSize) -> Bool {
        min(size.width, size.height) >= 720 || max(size.width, size.height) >= 1280
    }

    /// Unspecified is to the left, where MPEG-2 and its descendants put it, for 4:2:0 and 4:2:2.
    private static func chromaPosition(_ tag: AVChromaLocation, _ traits: PixelTraits) -> (Int64?, Int64?) {
        guard traits.chroma.width == 2 else { return (nil, nil) }
        guard traits.chroma.height == 2 else { return (0, nil) }
        return switch tag {
        case AVCHROMA_LOC_CENTER: (128, 128)
        case AVCHROMA_LOC_TOPLEFT: (0, 0)
        case AVCHROMA_LOC_TOP: (128, 0)
        case AVCHROMA_LOC_BOTTOMLEFT: (0, 256)
        case AVCHROMA_LOC_BOTTOM: (128, 256)
        default: (0, 128)
        }
    }
}

/// What a pixel format implies (`av_pix_fmt_desc_get`).
struct PixelTraits {
    /// Luma samples for one of chroma, across and down.
    var chroma = PixelSize(width: 1, height: 1)
    var isRGB = false
    /// The old JPEG formats.
    var isAlwaysFullRange = false

    init(_ format: AVPixelFormat) {
        isAlwaysFullRange = [
            AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUVJ411P,
        ].contains(format)
        guard let descriptor = av_pix_fmt_desc_get(format)?.pointee else { return }
        isRGB = descriptor.flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0
        chroma = PixelSize(
            width: 1 << Int(min(descriptor.log2_chroma_w, 4)), height: 1 << Int(min(descriptor.log2_chroma_h, 4)))
    }
}
