import CFFmpeg
import ClipModel

/// What is measured of decoded pictures, by the definitions of FFmpeg's `blackdetect` and `freezedetect`. It is computed
/// here because those filters take the range of the samples from different places in different releases, and convert
/// some formats before they look.
enum PictureMeasure {
    /// At least 98 % of the pixels are darker than a tenth of the range between black and white.
    static func isBlack(_ frame: borrowing Frame) -> Bool {
        guard let layout = PixelLayout(frame) else { return false }
        let isFull = layout.isRGB || layout.isFullRange || frame.pointer.pointee.color_range == AVCOL_RANGE_JPEG
        let scale = Double(1 << layout.depth) / 256
        let threshold = isFull ? 0.1 * Double((1 << layout.depth) - 1) : (16 + 0.1 * 219) * scale
        let pixels = frame.size.width * frame.size.height
        return (0..<(layout.isRGB ? 3 : 1)).allSatisfy { component in
            Double(layout.count(component, in: frame, notAbove: Int(threshold))) >= 0.98 * Double(pixels)
        }
    }

    /// The mean of the differences of all samples is at most a thousandth of their range; false for pictures of
    /// different size or format.
    static func isSame(_ one: borrowing Frame, _ other: borrowing Frame) -> Bool {
        guard one.size == other.size, one.format == other.format, let layout = PixelLayout(one) else { return false }
        var (sum, count) = (0, 0)
        for plane in 0..<layout.planes {
            let (size, bytes) = (layout.size(of: plane, in: one), layout.depth > 8 ? 2 : 1)
            guard let first = one.plane(plane), let second = other.plane(plane) else { return false }
            count += size.width * size.height
            for row in 0..<size.height {
                let (a, b) = (first.start + row * first.stride, second.start + row * second.stride)
                if bytes == 1 {
                    let (a, b) = (a.assumingMemoryBound(to: UInt8.self), b.assumingMemoryBound(to: UInt8.self))
                    for x in 0..<size.width { sum &+= abs(Int(a[x]) &- Int(b[x])) }
                } else {
                    let (a, b) = (a.assumingMemoryBound(to: UInt16.self), b.assumingMemoryBound(to: UInt16.self))
                    for x in 0..<size.width { sum &+= abs(Int(a[x]) &- Int(b[x])) }
                }
            }
        }
        return count > 0 && Double(sum) <= 0.001 * Double(count) * Double(1 << layout.depth)
    }
}
