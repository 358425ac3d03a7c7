import CFFmpeg
import ClipModel

/// A decoded picture reduced to a grid of means, in whole numbers that are the same with every release of FFmpeg and every
/// processor: nothing of it is computed by a library or in floating point.
///
/// It is the picture as it was coded: a turn, a mirror or a sample aspect changes nothing that is measured here.
struct SmallPicture {
    let columns: Int
    let rows: Int
    /// Brightness of each cell from 0 (black) to 255 (white), row by row.
    let luma: [UInt8]
    /// The mean distance from grey, 0 to 255.
    let saturation: Int

    /// Cells across and down at most.
    static let mostColumns = 128
    static let mostRows = 72

    /// - Parameter tools: For formats whose samples can't be read here.
    init(_ frame: borrowing Frame, _ tools: PictureTools) throws(MediaError) {
        guard let layout = PixelLayout(frame) else {
            let picture = try Self.converted(frame, tools)
            guard let layout = PixelLayout(picture) else {
                throw MediaError(.codecNotSupported, "Pictures in the video's pixel format can't be measured.")
            }
            self.init(picture, layout)
            return
        }
        self.init(frame, layout)
    }

    private static func converted(_ frame: borrowing Frame, _ tools: PictureTools) throws(MediaError) -> Frame {
        let target = Scaler.Picture(size: frame.size, format: AV_PIX_FMT_RGB24)
        let picture = try Frame()
        try picture.allocate(target.size, target.format)
        let source = Scaler.Picture(size: frame.size, format: frame.format, colour: PictureColour(frame).scaling)
        try tools.scaler(from: source, to: target).scale(frame, to: picture)
        return picture
    }

    private init(_ frame: borrowing Frame, _ layout: PixelLayout) {
        let isFull = layout.isRGB || layout.isFullRange || frame.pointer.pointee.color_range == AVCOL_RANGE_JPEG
        columns = min(Self.mostColumns, max(1, frame.size.width))
        rows = min(Self.mostRows, max(1, frame.size.height))
        let grid = PixelSize(width: columns, height: rows)
        let unit = 1 << (layout.depth - 8)
        // What black has, and how far white is from it.
        let (black, span) = isFull ? (0, (1 << layout.depth) - 1) : (16 * unit, 219 * unit)
        guard layout.hasColour else {
            luma = layout.means(0, of: frame, grid).map { Self.level($0, black, span) }
            saturation = 0
            return
        }
        let parts = (0..<3).map { layout.means($0, of: frame, grid) }
        var distance = 0
        if layout.isRGB {
            luma = parts[0].indices.map { cell in
                let (red, green, blue) = (parts[0][cell], parts[1][cell], parts[2][cell])
                distance += (max(red, green, blue) - min(red, green, blue)) * 255 / (span * Self.fraction)
                return Self.level((red * 77 + green * 150 + blue * 29) >> 8, black, span)
            }
        } else {
            luma = parts[0].map { Self.level($0, black, span) }
            let grey = 128 * unit * Self.fraction
            let wide = (isFull ? 255 : 224) * unit * Self.fraction
            for cell in parts[1].indices {
                distance += (abs(parts[1][cell] - grey) + abs(parts[2][cell] - grey)) * 255 / wide
            }
        }
        saturation = min(255, distance / max(1, columns * rows))
    }

    /// Of a mean in `fraction`s of a sample.
    private static func level(_ mean: Int, _ black: Int, _ span: Int) -> UInt8 {
        UInt8(clamping: ((mean - black * fraction) * 255 + span * fraction / 2) / (span * fraction))
    }

    /// Means are in so many parts of a sample.
    static let fraction = 16
}

extension PixelLayout {
    /// The mean of a component's samples in each cell of a grid over the picture, in `SmallPicture.fraction`s.
    fileprivate func means(_ component: Int, of frame: borrowing Frame, _ grid: PixelSize) -> [Int] {
        let part = part(component)
        let size = size(of: component, subsampled: frame.size)
        var means = [Int](repeating: 0, count: grid.width * grid.height)
        guard let plane = frame.plane(Int(part.plane)) else { return means }
        let (step, shift) = (Int(part.step), Int(part.shift))
        for row in 0..<grid.height {
            let lines = Self.range(row, of: grid.height, size.height)
            for column in 0..<grid.width {
                let samples = Self.range(column, of: grid.width, size.width)
                var sum = 0
                for y in lines {
                    let line = plane.start + y * plane.stride + Int(part.offset)
                    if depth == 8 {
                        let values = line.assumingMemoryBound(to: UInt8.self)
                        for x in samples { sum &+= Int(values[x &* step]) }
                    } else {
                        for x in samples {
                            sum &+= Int(line.load(fromByteOffset: x &* step, as: UInt16.self)) >> shift
                        }
                    }
                }
                means[row * grid.width + column] = sum * SmallPicture.fraction / (lines.count * samples.count)
            }
        }
        return means
    }

    /// The samples of a cell, one at least: where there are fewer samples than cells, some cells share one.
    private static func range(_ cell: Int, of cells: Int, _ samples: Int) -> Range<Int> {
        let first = min(cell * samples / cells, max(0, samples - 1))
        return first..<max(first + 1, (cell + 1) * samples / cells)
    }
}
