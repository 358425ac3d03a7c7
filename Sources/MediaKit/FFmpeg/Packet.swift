import CFFmpeg
import ClipModel

/// Owns an `AVPacket`: one compressed frame, as a rule. A class, because packets wait in a queue.
final class Packet {
    let pointer: UnsafeMutablePointer<AVPacket>

    /// An empty packet (`av_packet_alloc`).
    init() throws(MediaError) {
        pointer = try check(av_packet_alloc())
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = pointer
        av_packet_free(&packet)
    }

    /// In the stream's time base; nil when the container has none.
    var presentationTime: Int64? { Self.time(pointer.pointee.pts) }
    /// In the stream's time base; nil when the container has none.
    var decodingTime: Int64? { Self.time(pointer.pointee.dts) }
    /// In the stream's time base; 0 when unknown.
    var duration: Int64 { max(0, pointer.pointee.duration) }
    /// The container says that decoding can start here.
    var isKeyframe: Bool { pointer.pointee.flags & AV_PKT_FLAG_KEY != 0 }
    /// Outside of the edit list: decoded for others' sake, never presented.
    var isDiscarded: Bool { pointer.pointee.flags & AV_PKT_FLAG_DISCARD != 0 }
    /// The file ends within it.
    var isCut: Bool { pointer.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 }

    /// Lends the payload.
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        body(UnsafeBufferPointer(start: pointer.pointee.data, count: Int(max(0, pointer.pointee.size))))
    }

    static func time(_ value: Int64) -> Int64? {
        value == cffmpeg_AV_NOPTS_VALUE() ? nil : value
    }
}
