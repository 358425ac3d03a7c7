import CFFmpeg
import ClipModel
import Glibc

func atan2Degrees(_ y: Double, _ x: Double) -> Double {
    atan2(y, x) * 180 / .pi
}

extension Orientation {
    /// The picture as a player shows it, from one in packed RGB of 8 bits.
    func apply(to picture: borrowing Frame) throws(MediaError) -> Frame {
        let size = picture.size
        let turned = try Frame()
        try turned.allocate(
            swapsSides ? PixelSize(width: size.height, height: size.width) : size, AV_PIX_FMT_RGB24)
        guard let source = picture.pointer.pointee.data.0, let target = turned.pointer.pointee.data.0 else {
            throw .outOfMemory
        }
        let stride = Int(picture.pointer.pointee.linesize.0)
        let targetStride = Int(turned.pointer.pointee.linesize.0)
        // Where the target's first pixel comes from, and the steps in the source for one to the right and one down.
        let (right, down) = (size.width - 1, size.height - 1)
        var (x, y, acrossX, acrossY, downX, downY) =
            switch quarterTurns {
            case 1: (0, down, 0, -1, 1, 0)
            case 2: (right, down, -1, 0, 0, -1)
            case 3: (right, 0, 0, 1, -1, 0)
            default: (0, 0, 1, 0, 0, 1)
            }
        if isMirrored { (x, acrossX, downX) = (right - x, -acrossX, -downX) }
        let step = acrossX * 3 + acrossY * stride
        for row in 0..<turned.size.height {
            var from = source + ((y + downY * row) * stride + (x + downX * row) * 3)
            var to = target + row * targetStride
            for _ in 0..<turned.size.width {
                (to[0], to[1], to[2]) = (from[0], from[1], from[2])
                from += step
                to += 3
            }
        }
        return turned
    }
}
