import CFFmpeg
import ClipModel

/// One `AVStream` of a container, which it keeps alive.
struct Stream {
    let container: Container
    let pointer: UnsafeMutablePointer<AVStream>

    /// The track's id in the file.
    var id: Int64 { Int64(pointer.pointee.id) }
    var index: Int32 { pointer.pointee.index }
    var parameters: AVCodecParameters { pointer.pointee.codecpar.pointee }
    var isVideo: Bool { parameters.codec_type == AVMEDIA_TYPE_VIDEO }
    var isAudio: Bool { parameters.codec_type == AVMEDIA_TYPE_AUDIO }

    /// A cover or chapter picture, which is not the video.
    var isPicture: Bool {
        pointer.pointee.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS) != 0
    }

    /// Video, and not a picture that goes with something else.
    var isRecording: Bool { isVideo && !isPicture }

    /// Of one picture, as the container says; 0 when it does not.
    var pixels: Int64 { Int64(max(0, parameters.width)) * Int64(max(0, parameters.height)) }

    /// FFmpeg's short name, such as `h264` (`avcodec_get_name`).
    var codecName: String { String(cString: avcodec_get_name(parameters.codec_id)) }

    /// Units a second; FFmpeg's time bases of MP4 tracks are 1/n, others are brought to that.
    var timeBase: AVRational { pointer.pointee.time_base }

    /// In units of the time base; nil when the container does not say.
    var duration: Int64? { Packet.time(pointer.pointee.duration).flatMap { $0 > 0 ? $0 : nil } }

    /// Whether `Container.read` gives this stream's packets.
    func setIsRead(_ isRead: Bool) {
        pointer.pointee.discard = isRead ? AVDISCARD_DEFAULT : AVDISCARD_ALL
    }

    /// A time in units of the time base as a value.
    func time(_ units: Int64) -> MediaTime {
        let (value, overflow) = units.multipliedReportingOverflow(by: Int64(timeBase.num))
        return MediaTime(value: overflow ? .max : value, timescale: Int64(timeBase.den))
    }

    /// The last unit of the time base that is not after `milliseconds`; `Int64.max` when it is beyond all.
    func units(milliseconds: Int64) -> Int64 {
        let rounded = av_rescale_q_rnd(
            max(0, milliseconds), AVRational(num: 1, den: 1000), timeBase, AV_ROUND_DOWN)
        return rounded < 0 ? .max : rounded
    }

    /// A time in units of the time base in whole milliseconds.
    func milliseconds(_ units: Int64, rounding: AVRounding) -> Int64 {
        av_rescale_q_rnd(units, timeBase, AVRational(num: 1, den: 1000), rounding)
    }

    /// Lends the payload of side data of this type; nil when there is none.
    func withSideData<Result>(
        _ type: AVPacketSideDataType, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result? {
        var size = 0
        guard let bytes = cffmpeg_stream_side_data(pointer, type, &size) else { return nil }
        return body(UnsafeRawBufferPointer(start: bytes, count: size))
    }
}
