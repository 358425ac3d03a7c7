import CFFmpeg

/// Where the samples of a format are; nil for those that are not whole bytes in memory of ours
/// (`av_pix_fmt_desc_get`).
struct PixelLayout {
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
        let strange =
            AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BE
            | AV_PIX_FMT_FLAG_FLOAT
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

    /// It has three components at least.
    var hasColour: Bool { descriptor.nb_components >= 3 }

    /// Where a component's samples are: brightness, blue and red difference, or red, green, blue.
    func part(_ component: Int) -> AVComponentDescriptor {
        [descriptor.comp.0, descriptor.comp.1, descriptor.comp.2][component]
    }

    /// Samples of a component across and down, of a picture of `size`.
    func size(of component: Int, subsampled size: PixelSize) -> PixelSize {
        guard component > 0, !isRGB else { return size }
        let (across, down) = (Int(descriptor.log2_chroma_w), Int(descriptor.log2_chroma_h))
        return PixelSize(
            width: (size.width + (1 << across) - 1) >> across, height: (size.height + (1 << down) - 1) >> down)
    }

    /// How many samples of the first or another colour are no larger.
    func count(_ component: Int, in frame: borrowing Frame, notAbove threshold: Int) -> Int {
        let part = part(component)
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

extension Frame {
    /// The memory of a plane of the picture, whose lines may go upwards; nil where there is none.
    func plane(_ index: Int) -> (start: UnsafeMutableRawPointer, stride: Int)? {
        let (data, strides) = (pointer.pointee.data, pointer.pointee.linesize)
        let planes = [(data.0, strides.0), (data.1, strides.1), (data.2, strides.2), (data.3, strides.3)]
        guard planes.indices.contains(index), let start = planes[index].0 else { return nil }
        return (UnsafeMutableRawPointer(start), Int(planes[index].1))
    }
}
