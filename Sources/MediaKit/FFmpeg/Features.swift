import CFFmpeg

/// What the libraries are, and can do.
public enum FFmpegFeatures {
    /// FFmpeg's own version (`av_version_info`).
    public static var version: String { av_version_info().map { String(cString: $0) } ?? "unknown" }

    /// `61.19.101` for each library (`avcodec_version` and the like); libavfilter only where it can be loaded.
    public static var libraries: [String: String] {
        var libraries = [
            "libavcodec": text(avcodec_version()), "libavformat": text(avformat_version()),
            "libavutil": text(avutil_version()), "libswscale": text(swscale_version()),
        ]
        if let filters = FilterLibrary.shared { libraries["libavfilter"] = text(filters.version()) }
        return libraries
    }

    /// Whether there is a decoder for each codec that recorders write (`avcodec_find_decoder`).
    public static var decoders: [String: Bool] {
        let codecs = [
            ("h264", AV_CODEC_ID_H264), ("hevc", AV_CODEC_ID_HEVC), ("av1", AV_CODEC_ID_AV1), ("vp9", AV_CODEC_ID_VP9),
            ("mpeg4", AV_CODEC_ID_MPEG4), ("aac", AV_CODEC_ID_AAC), ("opus", AV_CODEC_ID_OPUS),
        ]
        return Dictionary(uniqueKeysWithValues: codecs.map { ($0, avcodec_find_decoder($1) != nil) })
    }

    private static func text(_ version: UInt32) -> String {
        "\(version >> 16).\(version >> 8 & 0xFF).\(version & 0xFF)"
    }
}

/// Settings of the libraries that hold for the whole process.
enum Libraries {
    /// Makes them; only the first use has an effect (`av_log_set_level`, `av_max_alloc`).
    static let prepare: Void = {
        av_log_set_level(AV_LOG_QUIET)
        av_max_alloc(largestAllocation)
    }()

    /// Bytes; more than any frame within `DecoderLimits.pixels` needs.
    private static let largestAllocation = 1 << 30
}
