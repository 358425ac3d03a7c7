/// How a player turns the decoded picture, from the track's display matrix.
struct Orientation: Hashable {
    /// Left and right change places first.
    var isMirrored = false
    /// Then the picture is turned clockwise, degrees, 0 to 359.
    var degrees = 0

    init() {}

    /// The upper left 2 x 2 of the matrix, as `x' = a x + c y`, `y' = b x + d y` with y downwards.
    ///
    /// Nil when the matrix has no inverse, such as one of zeros.
    init?(a: Int32, b: Int32, c: Int32, d: Int32) {
        let determinant = Double(a) * Double(d) - Double(b) * Double(c)
        guard determinant != 0 else { return nil }
        isMirrored = determinant < 0
        let (x, y) = isMirrored ? (-Double(a), -Double(b)) : (Double(a), Double(b))
        degrees = Self.angle(x, y)
    }

    /// Reads the nine big numbers of a display matrix, 36 bytes in the machine's byte order; nil as above.
    init?(_ matrix: UnsafeRawBufferPointer) {
        guard matrix.count >= 36 else { return nil }
        func element(_ index: Int) -> Int32 { matrix.loadUnaligned(fromByteOffset: index * 4, as: Int32.self) }
        self.init(a: element(0), b: element(1), c: element(3), d: element(4))
    }

    /// Quarter turns clockwise, 0 to 3: the nearest to `degrees`.
    var quarterTurns: Int { (degrees + 45) / 90 % 4 }

    /// The picture can be shown exactly, by turns of 90 degrees.
    var isExact: Bool { degrees % 90 == 0 }

    /// Width and height change places.
    var swapsSides: Bool { quarterTurns % 2 == 1 }

    var isIdentity: Bool { !isMirrored && quarterTurns == 0 }

    /// The angle from the x axis towards the y axis, whole degrees from 0 to 359; both are finite, not both 0.
    private static func angle(_ x: Double, _ y: Double) -> Int {
        if y == 0 { return x < 0 ? 180 : 0 }
        if x == 0 { return y < 0 ? 270 : 90 }
        let degrees = Int(atan2Degrees(y, x).rounded())
        return (degrees + 360) % 360
    }
}
