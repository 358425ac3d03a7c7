import CFFmpeg
import Foundation
import Testing

@testable import MediaKit

/// The brightness of a picture, decoded within the process, which is faster than a program for each picture.
struct Luma {
    var width: Int
    var height: Int
    var bytes: [UInt8]

    init(jpeg: Data) throws {
        let frame = try decoded(jpeg: jpeg)
        (width, height) = (frame.size.width, frame.size.height)
        let plane = try #require(frame.pointer.pointee.data.0)
        let stride = Int(frame.pointer.pointee.linesize.0)
        bytes = []
        for row in 0..<height { bytes += UnsafeBufferPointer(start: plane + row * stride, count: width) }
    }

    /// The mean of a square around a point.
    func mean(x: Int, y: Int, radius: Int) -> Double {
        var sum = 0
        for row in (y - radius)...(y + radius) {
            for column in (x - radius)...(x + radius) { sum += Int(bytes[row * width + column]) }
        }
        return Double(sum) / Double((2 * radius + 1) * (2 * radius + 1))
    }
}

/// A JPEG as FFmpeg decodes it.
func decoded(jpeg: Data) throws -> Frame {
    let codec = try #require(avcodec_find_decoder(AV_CODEC_ID_MJPEG))
    let context = try CodecContext(codec)
    try #require(avcodec_open2(context.pointer, codec, nil) >= 0)
    let packet = try Packet()
    try #require(av_new_packet(packet.pointer, Int32(jpeg.count)) >= 0)
    jpeg.copyBytes(to: packet.pointer.pointee.data, count: jpeg.count)
    let frame = try Frame()
    try #require(avcodec_send_packet(context.pointer, packet.pointer) >= 0)
    try #require(avcodec_receive_frame(context.pointer, frame.pointer) >= 0)
    return frame
}
