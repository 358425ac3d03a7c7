import CFFmpeg
import ClipModel
import FoundationEssentials

/// Makes both thumbnails of one decoded frame.
struct ThumbnailRenderer {
    let orientation: Orientation
    /// Width to height of one sample, 1/16 to 16.
    let aspect: Double
    let colour: PictureColour
    let fit: PictureFit
    /// JPEG quality, 1 to 100.
    let quality: Int
    let tools: PictureTools

    /// The JPEG files, large and small, of a part of a frame, or of all of it. Throws `codecNotSupported` for a pixel
    /// format that can't be converted, `notAvailable` when FFmpeg lacks a filter.
    func render(
        _ frame: borrowing Frame, part: PixelRectangle? = nil
    ) throws(MediaError) -> (large: Data, small: Data) {
        guard let part else { return try renderAll(frame) }
        return try renderAll(try frame.part(part))
    }

    // MARK: Small pictures for sheets

    /// What a frame is scaled to so that it fits into a box as a player shows it.
    func tileSize(of size: PixelSize, in box: PictureSize) -> PixelSize {
        let (width, height) = (Double(size.width) * aspect, Double(size.height))
        let shown = orientation.swapsSides ? (height, width) : (width, height)
        let scale = min(Double(box.width) / shown.0, Double(box.height) / shown.1)
        func side(_ length: Double, _ most: Int) -> Int { Int(min(max((length * scale).rounded(), 1), Double(most))) }
        return PixelSize(width: side(shown.0, box.width), height: side(shown.1, box.height))
    }

    /// The picture in packed RGB for an ordinary screen, as a player shows it, of this size. Throws as `render` does.
    func tile(
        _ frame: borrowing Frame, part: PixelRectangle?, size: PixelSize
    ) throws(MediaError) -> Frame {
        let all = PixelRectangle(x: 0, y: 0, size: frame.size)
        let scaled = orientation.swapsSides ? PixelSize(width: size.height, height: size.width) : size
        let content = try mapped(try frame.part(part ?? all), of: frame, to: scaled)
        return orientation.isIdentity ? content : try orientation.apply(to: content)
    }

    private func renderAll(_ frame: borrowing Frame) throws(MediaError) -> (large: Data, small: Data) {
        let chroma = PixelTraits(frame.format).chroma
        let framing = Framing(
            frame.size, aspect: aspect, swapsSides: orientation.swapsSides, fit: fit, alignment: chroma)
        let content = try convert(frame, framing)
        let part = try content.part(framing.smallPart)
        let shrunk = try convert(
            part, .init(), to: Scaler.Picture(size: framing.smallScaled, format: AV_PIX_FMT_RGB24))
        return (
            large: try finish(content, .largeThumbnail),
            small: try finish(shrunk, .smallThumbnail)
        )
    }

    /// Cropped and scaled, in packed RGB for an ordinary screen, not turned yet.
    private func convert(_ frame: borrowing Frame, _ framing: Framing) throws(MediaError) -> Frame {
        try mapped(try frame.part(framing.crop), of: frame, to: framing.scaled)
    }

    /// A part of a frame, scaled, in packed RGB for an ordinary screen.
    private func mapped(
        _ part: borrowing Frame, of frame: borrowing Frame, to size: PixelSize
    ) throws(MediaError) -> Frame {
        guard colour.needsMapping else {
            return try convert(part, colour.scaling, to: Scaler.Picture(size: size, format: AV_PIX_FMT_RGB24))
        }
        let deep = Scaler.Picture(size: size, format: AV_PIX_FMT_YUV444P16LE, colour: colour.scaling)
        let scaled = try convert(part, colour.scaling, to: deep)
        return try ToneMapping(colour, frame).apply(to: scaled, with: try tools.filters())
    }

    private func convert(
        _ picture: borrowing Frame, _ colour: Scaler.Colour, to target: Scaler.Picture
    ) throws(MediaError) -> Frame {
        let converted = try Frame()
        try converted.allocate(target.size, target.format)
        let source = Scaler.Picture(size: picture.size, format: picture.format, colour: colour)
        try tools.scaler(from: source, to: target).scale(picture, to: converted)
        return converted
    }

    /// Turned, cropped or padded to the thumbnail's size, and encoded.
    private func finish(_ picture: borrowing Frame, _ size: PictureSize) throws(MediaError) -> Data {
        let size = PixelSize(width: size.width, height: size.height)
        guard orientation.isIdentity else { return try encode(try orientation.apply(to: picture), size) }
        return try encode(picture, size)
    }

    private func encode(_ picture: borrowing Frame, _ size: PixelSize) throws(MediaError) -> Data {
        guard picture.size == size else {
            let canvas = try Frame()
            try canvas.allocate(size, AV_PIX_FMT_RGB24)
            canvas.paint(picture)
            return try encode(canvas, size)
        }
        return try tools.encode(picture, quality: quality)
    }
}

extension Frame {
    /// Puts the middle of `picture` on the middle of this one, black around it; both are packed RGB of 8 bits.
    func paint(_ picture: borrowing Frame) {
        guard let target = pointer.pointee.data.0, let source = picture.pointer.pointee.data.0 else { return }
        let (stride, sourceStride) = (Int(pointer.pointee.linesize.0), Int(picture.pointer.pointee.linesize.0))
        let shown = size.limited(to: picture.size)
        let from = PixelRectangle(centred: shown, in: picture.size)
        let to = PixelRectangle(centred: shown, in: size)
        if shown != size { blacken() }
        for row in 0..<shown.height {
            (target + ((to.y + row) * stride + to.x * 3)).update(
                from: source + ((from.y + row) * sourceStride + from.x * 3), count: shown.width * 3)
        }
    }
}
