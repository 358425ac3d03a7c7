import ClipModel

/// Which part of the decoded picture goes where in the two thumbnails. Plain arithmetic.
///
/// The picture is scaled once, to `scaled`, which holds the content of both thumbnails at the large one's scale. All
/// sizes but the thumbnails' are in the decoded picture's orientation.
struct Framing: Hashable {
    /// Part of the decoded picture that is scaled, in its pixels, aligned to `alignment`.
    var crop: PixelRectangle
    /// What the crop is scaled to.
    var scaled: PixelSize
    /// Part of the scaled picture that the small thumbnail shows.
    var smallPart: PixelRectangle
    /// What that part is scaled to.
    var smallScaled: PixelSize

    /// - Parameters:
    ///   - picture: the decoded size; sides of 1 to 16,384.
    ///   - aspect: width to height of one sample, from 1/16 to 16.
    ///   - swapsSides: the picture is turned by 90 or 270 degrees afterwards.
    ///   - alignment: the crop starts at multiples of it, as chroma samples do.
    init(
        _ picture: PixelSize, aspect: Double, swapsSides: Bool, fit: PictureFit, alignment: PixelSize
    ) {
        let source = Extent(width: Double(picture.width) * aspect, height: Double(picture.height))
        let large = Extent(.largeThumbnail, swapped: swapsSides)
        let small = Extent(.smallThumbnail, swapped: swapsSides)
        let scale = source.scale(filling: large, fit)
        let smallScale = source.scale(filling: small, fit)
        // In pixels of the decoded picture with square samples.
        let seenLarge = large.divided(by: scale).limited(to: source)
        let seenSmall = small.divided(by: smallScale).limited(to: source)
        let seen = Extent(
            width: max(seenLarge.width, seenSmall.width), height: max(seenLarge.height, seenSmall.height))
        let columns = Self.span(seen.width / aspect, of: picture.width, alignment.width)
        let rows = Self.span(seen.height, of: picture.height, alignment.height)
        crop = PixelRectangle(
            x: columns.lowerBound, y: rows.lowerBound,
            size: PixelSize(width: columns.count, height: rows.count))
        scaled = Extent(width: Double(columns.count) * aspect * scale, height: Double(rows.count) * scale).pixels
        if fit == .contain { scaled = scaled.limited(to: large.pixels) }
        let part = Extent(width: seenSmall.width * scale, height: seenSmall.height * scale).pixels
        smallPart = PixelRectangle(centred: part.limited(to: scaled), in: scaled)
        let content = Extent(width: seenSmall.width * smallScale, height: seenSmall.height * smallScale)
        smallScaled = content.pixels.limited(to: small.pixels)
    }

    /// The aligned range around the middle of `whole` that holds `wanted` pixels.
    private static func span(_ wanted: Double, of whole: Int, _ alignment: Int) -> Range<Int> {
        let margin = max(0, (Double(whole) - wanted) / 2)
        let first = Int(margin) / alignment * alignment
        return first..<max(first + 1, whole - first)
    }
}

/// A size in pixels, or parts of them.
private struct Extent {
    var width: Double
    var height: Double

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    init(_ size: PictureSize, swapped: Bool) {
        width = Double(swapped ? size.height : size.width)
        height = Double(swapped ? size.width : size.height)
    }

    func scale(filling target: Extent, _ fit: PictureFit) -> Double {
        let (across, down) = (target.width / width, target.height / height)
        return fit == .cover ? max(across, down) : min(across, down)
    }

    func divided(by scale: Double) -> Extent { Extent(width: width / scale, height: height / scale) }

    func limited(to other: Extent) -> Extent {
        Extent(width: min(width, other.width), height: min(height, other.height))
    }

    /// Rounded, each side 1 to 65,535.
    var pixels: PixelSize {
        PixelSize(
            width: Int(min(max(width.rounded(), 1), 65_535)), height: Int(min(max(height.rounded(), 1), 65_535)))
    }
}

/// A part of a picture.
struct PixelRectangle: Hashable {
    var x: Int
    var y: Int
    var size: PixelSize

    init(x: Int, y: Int, size: PixelSize) {
        self.x = x
        self.y = y
        self.size = size
    }

    /// In the middle of a picture that is not smaller.
    init(centred size: PixelSize, in whole: PixelSize) {
        self.init(x: (whole.width - size.width) / 2, y: (whole.height - size.height) / 2, size: size)
    }
}

extension PixelSize {
    func limited(to other: PixelSize) -> PixelSize {
        PixelSize(width: min(width, other.width), height: min(height, other.height))
    }
}
