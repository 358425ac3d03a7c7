import CFFmpeg
import ClipModel

/// What is measured of decoded pictures, by the definitions of FFmpeg's `blackdetect` and `freezedetect`. It is computed
/// here because those filters take the range of the samples from different places in different releases, and convert
/// some formats before they look.
enum PictureMeasure {
    /// At least 98 % of the pixels are darker than a tenth of the range between black and white.
    static func isBlack(_ frame: borrowing Frame) -> Bool {
        guard let layout = Layout(frame) else { return false }
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
        guard one.size == other.size, one.format == other.format, let layout = Layout(one) else { return false }
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

    /// Where the samples of a format are; nil for those that are not whole bytes in memory of ours
    /// (`av_pix_fmt_desc_get`).
    private struct Layout {
        let depth: Int
        let isRGB: Bool
        let isFullRange: Bool
        let planes: Int
        private let descriptor: AVPixFmtDescriptor
        private let format: AVPixelFormat

        init?(_ frame: borrowing Frame) {
            format = frame.format
            let traits = PixelTraits(format)
            guard let descriptor = av_pix_fmt_desc_get(format)?.pointee else { return nil }
            let strange = AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BE
            guard descriptor.flags & UInt64(strange) == 0, (8...16).contains(descriptor.comp.0.depth) else {
                return nil
            }
            self.descriptor = descriptor
            depth = Int(descriptor.comp.0.depth)
            isRGB = traits.isRGB
            isFullRange = traits.isAlwaysFullRange
            planes = Int(max(0, min(4, av_pix_fmt_count_planes(format))))
        }

        /// In samples across and rows down.
        func size(of plane: Int, in frame: borrowing Frame) -> PixelSize {
            let (width, height) = (frame.pointer.pointee.width, frame.pointer.pointee.height)
            let bytes = max(0, av_image_get_linesize(format, width, Int32(plane)))
            let shift = plane == 1 || plane == 2 ? Int(descriptor.log2_chroma_h) : 0
            return PixelSize(
                width: Int(bytes) / (depth > 8 ? 2 : 1), height: (Int(height) + (1 << shift) - 1) >> shift)
        }

        /// How many samples of the first or another colour are no larger.
        func count(_ component: Int, in frame: borrowing Frame, notAbove threshold: Int) -> Int {
            let part = [descriptor.comp.0, descriptor.comp.1, descriptor.comp.2][component]
            guard let plane = frame.plane(Int(part.plane)) else { return 0 }
            let (step, shift, width) = (Int(part.step), Int(part.shift), frame.size.width)
            var count = 0
            for row in 0..<frame.size.height {
                let line = plane.start + row * plane.stride + Int(part.offset)
                if depth == 8 {
                    let samples = line.assumingMemoryBound(to: UInt8.self)
                    for x in 0..<width where Int(samples[x &* step]) <= threshold { count &+= 1 }
                } else {
                    for x in 0..<width {
                        let sample = Int(line.load(fromByteOffset: x &* step, as: UInt16.self)) >> shift
                        if sample <= threshold { count &+= 1 }
                    }
                }
            }
            return count
        }
    }
}

extension Frame {
    /// The memory of a plane of the picture, whose lines may go upwards; nil where there is none.
    fileprivate func plane(_ index: Int) -> (start: UnsafeMutableRawPointer, stride: Int)? {
        let (data, strides) = (pointer.pointee.data, pointer.pointee.linesize)
        let planes = [(data.0, strides.0), (data.1, strides.1), (data.2, strides.2), (data.3, strides.3)]
        guard planes.indices.contains(index), let start = planes[index].0 else { return nil }
        return (UnsafeMutableRawPointer(start), Int(planes[index].1))
    }
}
