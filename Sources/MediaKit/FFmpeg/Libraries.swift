import CFFmpeg

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
