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
    /// The container says that decoding can start here.
    var isKeyframe: Bool { pointer.pointee.flags & AV_PKT_FLAG_KEY != 0 }

    /// Fills it with the `count` bytes of the file from `offset`; fewer, and then marked as damaged, where the file ends
    /// before (`av_new_packet`). False when there is none of it.
    func load(_ input: FileInput, at offset: Int64, count: Int32, isKeyframe: Bool) throws(MediaError) -> Bool {
        av_packet_unref(pointer)
        let (there, overflow) = input.size.subtractingReportingOverflow(offset)
        let wanted = Int32(clamping: min(Int64(count), there))
        guard offset >= 0, !overflow, wanted > 0, wanted <= Self.largest else { return false }
        try check(av_new_packet(pointer, wanted), .damaged, "A frame can't be read")
        let bytes = UnsafeMutableRawBufferPointer(start: pointer.pointee.data, count: Int(wanted))
        guard try input.read(at: offset, into: bytes) == Int(wanted) else { return false }
        if isKeyframe { pointer.pointee.flags |= AV_PKT_FLAG_KEY }
        if wanted < count { pointer.pointee.flags |= AV_PKT_FLAG_CORRUPT }
        return true
    }

    /// Bytes of one coded frame; uncompressed ones of the largest pictures have fewer.
    private static let largest: Int32 = 1 << 29

    /// A copy of the payload of side data of this type; nil when there is none (`av_packet_get_side_data`).
    func sideData(_ type: AVPacketSideDataType) -> [UInt8]? {
        var size = 0
        guard let bytes = av_packet_get_side_data(pointer, type, &size) else { return nil }
        return [UInt8](UnsafeBufferPointer(start: bytes, count: size))
    }

    /// Adds side data (`av_packet_new_side_data`).
    func add(_ bytes: [UInt8], as type: AVPacketSideDataType) throws(MediaError) {
        let target = try check(av_packet_new_side_data(pointer, type, bytes.count))
        UnsafeMutableRawBufferPointer(start: target, count: bytes.count).copyBytes(from: bytes)
    }

    /// Lends the payload.
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        body(UnsafeBufferPointer(start: pointer.pointee.data, count: Int(max(0, pointer.pointee.size))))
    }

    static func time(_ value: Int64) -> Int64? {
        value == cffmpeg_AV_NOPTS_VALUE() ? nil : value
    }
}
