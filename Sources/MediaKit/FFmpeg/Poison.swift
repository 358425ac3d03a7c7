import CFFmpeg

/// A pattern that every picture's memory is filled with before HEVC is decoded into it, so that what was never decoded
/// is found afterwards: the decoder neither says that a slice ended before it should, nor clears the memory, which then
/// shows whatever was in it before.
enum Poison {
    /// Of samples across: no coded picture has such columns over a block of rows.
    private static let samples: [Bool] = [true, false, false, true, true, true, false, true]
    /// Samples on each side of an undecoded block that filters of its neighbours may have changed.
    private static let border = 4
    /// Samples on each side of the smallest block that is left out (a coding tree block has 16 at least).
    private static let block = 16

    /// `AVCodecContext.get_buffer2`: the usual memory, filled.
    static let getBuffer:
        @convention(c) (UnsafeMutablePointer<AVCodecContext>?, UnsafeMutablePointer<AVFrame>?, Int32) -> Int32 = {
            context, frame, flags in
            let code = avcodec_default_get_buffer2(context, frame, flags)
            guard code >= 0, let frame else { return code }
            fill(frame)
            return code
        }

    /// Only the first plane, which is looked at later.
    private static func fill(_ frame: UnsafeMutablePointer<AVFrame>) {
        guard let plane = frame.pointee.data.0, let depth = depth(of: frame) else { return }
        let stride = Int(frame.pointee.linesize.0)
        guard stride > 0 else { return }
        // The decoder's picture is a little larger than what is shown of it.
        let rows = Int(max(0, frame.pointee.height))
        let (least, most) = levels(depth)
        if depth == 8 {
            for x in 0..<min(stride, period) { plane[x] = UInt8(truncatingIfNeeded: samples[x] ? most : least) }
        } else {
            let wide = UnsafeMutableRawPointer(plane).assumingMemoryBound(to: UInt16.self)
            for x in 0..<min(stride / 2, period) { wide[x] = UInt16(truncatingIfNeeded: samples[x] ? most : least) }
        }
        // Each copy doubles what is filled.
        var filled = period * (depth == 8 ? 1 : 2)
        while filled < stride {
            let count = min(filled, stride - filled)
            (plane + filled).update(from: plane, count: count)
            filled += count
        }
        for row in 1..<max(1, rows) { (plane + row * stride).update(from: plane, count: stride) }
    }

    /// Whether a block of the picture was never decoded.
    static func isLeft(in frame: borrowing Frame) -> Bool {
        let pointer = frame.pointer
        guard let plane = pointer.pointee.data.0, let depth = depth(of: pointer) else { return false }
        let (size, stride) = (frame.size, Int(pointer.pointee.linesize.0))
        let (least, most) = levels(depth)
        func isSet(_ x: Int, _ y: Int) -> Bool? {
            let line = UnsafeRawPointer(plane + y * stride)
            let value =
                depth == 8
                ? Int(line.load(fromByteOffset: x, as: UInt8.self))
                : Int(line.load(fromByteOffset: x * 2, as: UInt16.self))
            return value == most ? true : value == least ? false : nil
        }
        for y in Swift.stride(from: border, through: size.height - block + border, by: block) {
            for x in Swift.stride(from: border, through: size.width - block + border, by: block) {
                if isSet(x, y) == nil { continue }
                let columns = (0..<period).compactMap { isSet(x + $0, y) }
                guard columns.count == period, isRotation(columns) else { continue }
                if (1..<period).allSatisfy({ row in (0..<period).allSatisfy { isSet(x + $0, y + row) == columns[$0] } })
                {
                    return true
                }
            }
        }
        return false
    }

    private static var period: Int { samples.count }

    /// What is shown may begin anywhere in the pattern.
    private static func isRotation(_ columns: [Bool]) -> Bool {
        (0..<period).contains { start in (0..<period).allSatisfy { columns[$0] == samples[(start + $0) % period] } }
    }

    /// The darkest and the brightest sample.
    private static func levels(_ depth: Int) -> (Int, Int) { (0, (1 << depth) - 1) }

    /// Of samples that are alone in their plane; nil for others.
    private static func depth(of frame: UnsafeMutablePointer<AVFrame>) -> Int? {
        guard let descriptor = av_pix_fmt_desc_get(AVPixelFormat(frame.pointee.format))?.pointee else { return nil }
        let depth = Int(descriptor.comp.0.depth)
        let isAlone = descriptor.comp.0.step == (depth > 8 ? 2 : 1) && descriptor.comp.0.shift == 0
        return isAlone && (8...16).contains(depth) && descriptor.flags & UInt64(AV_PIX_FMT_FLAG_BE) == 0 ? depth : nil
    }
}
