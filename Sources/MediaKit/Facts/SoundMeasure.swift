import CFFmpeg
import ClipModel

/// Which samples of decoded sound are silent, by the definition of FFmpeg's `silencedetect`: all channels are below a
/// thousandth of the full level.
struct SoundMeasure {
    static let threshold = 0.001

    /// Tells a watch of each sample of a frame that starts at `time` (seconds); returns when it ends. Sound in a format
    /// that can't be read counts as not silent.
    static func note(_ frame: borrowing Frame, at time: Double, in watch: inout StretchWatch) -> Double {
        let audio = frame.pointer.pointee
        let (count, channels) = (Int(max(0, audio.nb_samples)), Int(max(0, audio.ch_layout.nb_channels)))
        let rate = Double(max(1, audio.sample_rate))
        let isPlanar = av_sample_fmt_is_planar(AVSampleFormat(audio.format)) != 0
        guard let planes = audio.extended_data, count > 0, channels > 0,
            let read = reader(av_get_packed_sample_fmt(AVSampleFormat(audio.format)))
        else {
            watch.note(false, at: time)
            return time + Double(count) / rate
        }
        for index in 0..<count {
            var isSilent = true
            for channel in 0..<channels where isSilent {
                guard let plane = planes[isPlanar ? channel : 0] else { continue }
                isSilent = read(plane, isPlanar ? index : index * channels + channel) < threshold
            }
            watch.note(isSilent, at: time + Double(index) / rate)
        }
        return time + Double(count) / rate
    }

    private typealias Reader = (UnsafeMutablePointer<UInt8>, Int) -> Double

    /// The level of a sample, of which 1 is the full one.
    private static func reader(_ format: AVSampleFormat) -> Reader? {
        switch format {
        case AV_SAMPLE_FMT_U8: { abs(Double($0[$1]) - 128) / 128 }
        case AV_SAMPLE_FMT_S16: { abs(Double(load($0, $1, as: Int16.self))) / 32_768 }
        case AV_SAMPLE_FMT_S32: { abs(Double(load($0, $1, as: Int32.self))) / 2_147_483_648 }
        case AV_SAMPLE_FMT_FLT: { Double(abs(load($0, $1, as: Float.self))) }
        case AV_SAMPLE_FMT_DBL: { abs(load($0, $1, as: Double.self)) }
        default: nil
        }
    }

    private static func load<Sample>(
        _ bytes: UnsafeMutablePointer<UInt8>, _ index: Int, as type: Sample.Type
    ) -> Sample where Sample: BitwiseCopyable {
        UnsafeRawPointer(bytes).loadUnaligned(fromByteOffset: index * MemoryLayout<Sample>.size, as: type)
    }
}
