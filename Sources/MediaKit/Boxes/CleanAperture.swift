import Glibc

/// The part of each picture that is meant to be seen: a `clap` box (ISO/IEC 14496-12, section 12.1.4).
struct CleanAperture: Hashable {
    /// In pixels of the decoded picture; finite, above 0.
    var width: Double
    var height: Double
    /// From the middle of the picture to the middle of the part, in pixels, to the right and downwards.
    var offsetX: Double
    var offsetY: Double

    /// Reads a box's payload, four fractions; nil when one has no value or a side is not above 0.
    init?(_ payload: [UInt8]) {
        let numbers = (0..<8).compactMap { payload.bigEndian(UInt32.self, at: $0 * 4) }
        guard numbers.count == 8 else { return nil }
        func fraction(_ index: Int) -> Double {
            // Offsets are signed; writers took a sign in the denominator to be one as well.
            Double(Int32(bitPattern: numbers[index])) / Double(Int32(bitPattern: numbers[index + 1]))
        }
        (width, height, offsetX, offsetY) = (fraction(0), fraction(2), fraction(4), fraction(6))
        guard [width, height, offsetX, offsetY].allSatisfy(\.isFinite), width > 0, height > 0 else { return nil }
    }

    /// The part of a picture, in whole pixels that start at multiples of `alignment`, as chroma samples do; nil when it
    /// does not lie within the picture.
    func part(of picture: PixelSize, alignment: PixelSize) -> PixelRectangle? {
        guard let columns = Self.span(width, offsetX, of: picture.width, alignment.width),
            let rows = Self.span(height, offsetY, of: picture.height, alignment.height)
        else { return nil }
        return PixelRectangle(
            x: columns.lowerBound, y: rows.lowerBound, size: PixelSize(width: columns.count, height: rows.count))
    }

    private static func span(_ length: Double, _ offset: Double, of whole: Int, _ alignment: Int) -> Range<Int>? {
        let start = (Double(whole) - length) / 2 + offset
        let end = start + length
        // Half a pixel out is rounding.
        guard start > -0.51, end < Double(whole) + 0.51 else { return nil }
        let first = max(0, Int(start.rounded())) / alignment * alignment
        let last = min(whole, Int(end.rounded()))
        return last > first ? first..<last : nil
    }
}
