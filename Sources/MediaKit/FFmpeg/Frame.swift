import CFFmpeg
import ClipModel

/// Owns an `AVFrame`: one decoded picture.
struct Frame: ~Copyable {
    let pointer: UnsafeMutablePointer<AVFrame>

    /// An empty frame (`av_frame_alloc`).
    init() throws(MediaError) {
        pointer = try check(av_frame_alloc())
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = pointer
        av_frame_free(&frame)
    }

    /// Which sample it was decoded from: decoders pass on the number that stands in the place of a packet's time.
    var number: Int? { Packet.time(pointer.pointee.pts).map { Int($0) } }

    /// Gives an empty frame a picture of its own; sides of 1 to 16,384 (`av_frame_get_buffer`).
    func allocate(_ size: PixelSize, _ format: AVPixelFormat) throws(MediaError) {
        pointer.pointee.width = Int32(clamping: size.width)
        pointer.pointee.height = Int32(clamping: size.height)
        pointer.pointee.format = format.rawValue
        try check(av_frame_get_buffer(pointer, 0), .notAvailable, "There is no memory for a picture")
    }

    /// Another owner of the same picture (`av_frame_ref`).
    func shared() throws(MediaError) -> Frame {
        let frame = try Frame()
        try check(av_frame_ref(frame.pointer, pointer), .notAvailable, "There is no memory for a picture")
        return frame
    }

    /// A part of the picture, which shares its memory (`av_frame_apply_cropping`).
    func part(_ part: PixelRectangle) throws(MediaError) -> Frame {
        let frame = try shared()
        frame.pointer.pointee.crop_left = max(0, part.x)
        frame.pointer.pointee.crop_top = max(0, part.y)
        frame.pointer.pointee.crop_right = max(0, size.width - part.x - part.size.width)
        frame.pointer.pointee.crop_bottom = max(0, size.height - part.y - part.size.height)
        try check(
            av_frame_apply_cropping(frame.pointer, Int32(AV_FRAME_CROP_UNALIGNED)), .damaged,
            "The picture can't be cropped")
        return frame
    }

    /// Lends the payload of side data of this type; nil when there is none (`av_frame_get_side_data`).
    func withSideData<Result>(
        _ type: AVFrameSideDataType, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result? {
        guard let data = av_frame_get_side_data(pointer, type), let bytes = data.pointee.data else { return nil }
        return body(UnsafeRawBufferPointer(start: bytes, count: data.pointee.size))
    }

    var size: PixelSize { PixelSize(width: Int(pointer.pointee.width), height: Int(pointer.pointee.height)) }

    var format: AVPixelFormat { AVPixelFormat(pointer.pointee.format) }

    /// It consists of two fields, each taken at its own time.
    var isInterlaced: Bool { cffmpeg_frame_is_interlaced(pointer) != 0 }

    /// Of an interlaced frame: the field with the first line was taken first.
    var isTopFieldFirst: Bool { cffmpeg_frame_is_top_field_first(pointer) != 0 }

    /// The decoder met damage in it, or in what it refers to.
    var isDamaged: Bool {
        pointer.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 || pointer.pointee.decode_error_flags != 0
    }
}

/// Width and height in pixels, both at least 0.
struct PixelSize: Hashable {
    var width: Int
    var height: Int
}
