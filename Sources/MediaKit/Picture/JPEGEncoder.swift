import CFFmpeg
import ClipModel
import FoundationEssentials

/// Makes JPEG files as viewers expect them: full range, BT.601 matrix, 4:2:0, square pixels, no metadata.
final class JPEGEncoder {
    private let context: CodecContext
    private var count: Int64 = 0

    /// `quality`: 1 to 100, as libjpeg scales the quantisation tables of ISO/IEC 10918-1, annex K (`avcodec_open2`).
    init(_ size: PixelSize, quality: Int) throws(MediaError) {
        guard let codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG) else {
            throw MediaError(.notAvailable, "This installation of FFmpeg can't write JPEG files.")
        }
        let context = try CodecContext(codec)
        let pointer = context.pointer
        pointer.pointee.width = Int32(clamping: size.width)
        pointer.pointee.height = Int32(clamping: size.height)
        pointer.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
        pointer.pointee.color_range = AVCOL_RANGE_JPEG
        pointer.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        pointer.pointee.time_base = AVRational(num: 1, den: 1)
        pointer.pointee.thread_count = 1
        pointer.pointee.flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT
        // A scale of 8 takes the tables as they are.
        pointer.pointee.global_quality = 8 * FF_QP2LAMBDA
        pointer.pointee.intra_matrix = try Self.table(Self.luma, quality)
        pointer.pointee.chroma_intra_matrix = try Self.table(Self.chroma, quality)
        try check(avcodec_open2(pointer, codec, nil), .notAvailable, "The JPEG encoder can't be started")
        self.context = context
    }

    /// From a picture in `AV_PIX_FMT_YUVJ420P` of the size given before.
    func encode(_ picture: borrowing Frame) throws(MediaError) -> Data {
        picture.pointer.pointee.quality = 8 * FF_QP2LAMBDA
        // Encoders want time to pass; none of it is in the file.
        picture.pointer.pointee.pts = count
        count += 1
        let packet = try Packet()
        try check(avcodec_send_frame(context.pointer, picture.pointer), .notAvailable, "The JPEG can't be written")
        try check(
            avcodec_receive_packet(context.pointer, packet.pointer), .notAvailable, "The JPEG can't be written")
        return packet.withBytes { Data($0) }
    }

    /// In the order of rows, in memory that the context frees.
    private static func table(_ base: [UInt16], _ quality: Int) throws(MediaError) -> UnsafeMutablePointer<UInt16> {
        guard let memory = av_malloc(64 * MemoryLayout<UInt16>.stride) else { throw .outOfMemory }
        let table = memory.bindMemory(to: UInt16.self, capacity: 64)
        let quality = min(max(quality, 1), 100)
        let scale = quality < 50 ? 5000 / quality : 200 - 2 * quality
        for (index, value) in base.prefix(64).enumerated() {
            table[index] = UInt16(clamping: min(max((Int(value) * scale + 50) / 100, 1), 255))
        }
        return table
    }

    private static let luma: [UInt16] = [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
        14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
        49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ]

    private static let chroma: [UInt16] = [
        17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
        24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    ]
}
