import CFFmpeg
import ClipModel

extension ColourFacts {
    /// By the tags of a decoded frame, which are the container's where the coded video has none.
    init(_ frame: borrowing Frame) {
        self.init()
        let tags = frame.pointer.pointee
        if tags.color_primaries != AVCOL_PRI_UNSPECIFIED {
            primaries = Self.name(av_color_primaries_name(tags.color_primaries))
        }
        if tags.color_trc != AVCOL_TRC_UNSPECIFIED { transfer = Self.name(av_color_transfer_name(tags.color_trc)) }
        if tags.colorspace != AVCOL_SPC_UNSPECIFIED { matrix = Self.name(av_color_space_name(tags.colorspace)) }
        switch tags.color_range {
        case AVCOL_RANGE_MPEG: range = .limited
        case AVCOL_RANGE_JPEG: range = .full
        default: break
        }
        let depth = av_pix_fmt_desc_get(frame.format).map { Int($0.pointee.comp.0.depth) } ?? 0
        if (1...32).contains(depth) { bitDepth = depth }
    }

    /// Nil for reserved numbers, which FFmpeg has no name for, or one that says so.
    private static func name(_ text: UnsafePointer<CChar>?) -> String? {
        text.map { String(cString: $0) }.flatMap { $0 == "reserved" ? nil : $0 }
    }
}

extension HDRMetadata {
    /// The stream's, else the frame's.
    init(_ frame: borrowing Frame, _ stream: Stream) {
        self.init()
        masteringDisplay =
            stream.withSideData(AV_PKT_DATA_MASTERING_DISPLAY_METADATA, Self.display)
            ?? frame.withSideData(AV_FRAME_DATA_MASTERING_DISPLAY_METADATA, Self.display) ?? nil
        contentLight =
            stream.withSideData(AV_PKT_DATA_CONTENT_LIGHT_LEVEL, Self.light)
            ?? frame.withSideData(AV_FRAME_DATA_CONTENT_LIGHT_LEVEL, Self.light) ?? nil
        if frame.withSideData(AV_FRAME_DATA_DYNAMIC_HDR_PLUS, { _ in true }) == true { hdr10Plus = true }
        dolbyVision =
            stream.withSideData(AV_PKT_DATA_DOVI_CONF) { bytes in
                guard bytes.count >= MemoryLayout<AVDOVIDecoderConfigurationRecord>.size else { return nil }
                let record = bytes.loadUnaligned(as: AVDOVIDecoderConfigurationRecord.self)
                return DolbyVision(profile: Int(record.dv_profile), level: Int(record.dv_level))
            } ?? nil
    }

    private static func display(_ bytes: UnsafeRawBufferPointer) -> MasteringDisplay? {
        guard bytes.count >= MemoryLayout<AVMasteringDisplayMetadata>.size else { return nil }
        let data = bytes.loadUnaligned(as: AVMasteringDisplayMetadata.self)
        var display = MasteringDisplay()
        if data.has_primaries != 0 {
            let primaries = data.display_primaries
            display.red = point(primaries.0)
            display.green = point(primaries.1)
            display.blue = point(primaries.2)
            display.white = point(data.white_point)
        }
        if data.has_luminance != 0 {
            display.minLuminance = number(data.min_luminance)
            display.maxLuminance = number(data.max_luminance)
        }
        return display == MasteringDisplay() ? nil : display
    }

    private static func point(_ pair: (AVRational, AVRational)) -> [Double]? {
        guard let x = number(pair.0), let y = number(pair.1) else { return nil }
        return [x, y]
    }

    private static func number(_ value: AVRational) -> Double? {
        guard value.den > 0, value.num >= 0 else { return nil }
        return Double(value.num) / Double(value.den)
    }

    private static func light(_ bytes: UnsafeRawBufferPointer) -> ContentLight? {
        guard bytes.count >= MemoryLayout<AVContentLightMetadata>.size else { return nil }
        let data = bytes.loadUnaligned(as: AVContentLightMetadata.self)
        guard data.MaxCLL != 0 || data.MaxFALL != 0 else { return nil }
        return ContentLight(max: Int(data.MaxCLL), average: Int(data.MaxFALL))
    }
}
