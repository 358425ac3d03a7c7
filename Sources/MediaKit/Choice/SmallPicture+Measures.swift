import ClipModel

/// How bright, how rich and how different small pictures are; all in whole numbers.
extension SmallPicture {
    /// What is told from one picture alone: everything but `still` and `fading`.
    var condition: PictureCandidate.Condition {
        let (dark, bright) = (level(atPerMille: 20), level(atPerMille: 980))
        if bright <= Self.darkest { return .black }
        if dark >= Self.brightest { return .white }
        if bright - dark < Self.leastContrast { return .faded }
        return mostCommonShare >= Self.mostAlike ? .empty : .good
    }

    /// 0 to 1000, of which 350 are for contrast and for detail each, 200 for colour, 100 for a middling brightness.
    var score: Int {
        let contrast = level(atPerMille: 980) - level(atPerMille: 20)
        let mean = luma.reduce(0) { $0 + Int($1) } / max(1, luma.count)
        return min(contrast, 200) * 350 / 200 + min(detail, Self.muchDetail) * 350 / Self.muchDetail
            + min(saturation, 40) * 200 / 40 + max(0, 100 - abs(mean - 110) * 100 / 110)
    }

    /// The brightness that so many thousandths of the cells do not exceed.
    private func level(atPerMille part: Int) -> Int {
        var left = luma.count * part / 1000
        for (level, count) in histogram.enumerated() {
            if count > left { return level }
            left -= count
        }
        return 255
    }

    private var histogram: [Int] {
        var histogram = [Int](repeating: 0, count: 256)
        for value in luma { histogram[Int(value)] += 1 }
        return histogram
    }

    /// Thousandths of the cells that are nearly as bright as the most common brightness.
    private var mostCommonShare: Int {
        let histogram = histogram
        let most = (0..<256).map { level in histogram[max(0, level - 3)...min(255, level + 3)].reduce(0, +) }.max() ?? 0
        return most * 1000 / max(1, luma.count)
    }

    /// The mean of the differences of neighbouring cells, across and down, in sixteenths of a level.
    private var detail: Int {
        guard columns > 1, rows > 1 else { return 0 }
        var sum = 0
        for row in 0..<(rows - 1) {
            for column in 0..<(columns - 1) {
                let cell = row * columns + column
                let here = Int(luma[cell])
                sum += abs(Int(luma[cell + 1]) - here) + abs(Int(luma[cell + columns]) - here)
            }
        }
        return sum * 16 / ((rows - 1) * (columns - 1))
    }

    private static let darkest = 32
    private static let brightest = 220
    private static let leastContrast = 48
    private static let mostAlike = 800
    private static let muchDetail = 16 * 16
}

// MARK: - Two and three pictures

extension SmallPicture {
    /// Thousandths of the cells whose brightness differs by more than a little; 1000 for pictures of different size.
    func change(to other: SmallPicture) -> Int {
        guard columns == other.columns, rows == other.rows else { return 1000 }
        let changed = zip(luma, other.luma).count { abs(Int($0) - Int($1)) > 3 }
        return changed * 1000 / max(1, luma.count)
    }

    /// Whether `later` is this picture made brighter or darker, richer or poorer in contrast, all over and by more than
    /// can be overlooked: it is on its way from or to black, white or grey. The line of best fit between the brightness
    /// of cells tells.
    func fades(to later: SmallPicture) -> Bool {
        guard columns == later.columns, rows == later.rows else { return false }
        let count = luma.count
        var (sumA, sumB, sumAA, sumAB, change) = (0, 0, 0, 0, 0)
        for (a, b) in zip(luma, later.luma) {
            let (a, b) = (Int(a), Int(b))
            (sumA, sumB, sumAA, sumAB) = (sumA + a, sumB + b, sumAA + a * a, sumAB + a * b)
            change += abs(b - a)
        }
        guard change * 2 >= count * Self.visible else { return false }
        let spread = count * sumAA - sumA * sumA
        // A picture of one shade that becomes another one has no line.
        let slope = spread == 0 ? 0 : (count * sumAB - sumA * sumB) * Self.one / spread
        let base = (sumB * Self.one - slope * sumA) / max(1, count)
        let rest = zip(luma, later.luma).reduce(0) { rest, pair in
            rest + abs(Int(pair.1) * Self.one - slope * Int(pair.0) - base)
        }
        return rest * 3 < change * Self.one && slope > 0
    }

    /// Whether three pictures at equal distances are steps on one way: each cell changes by as much from the first to the
    /// second as from there to the third, as while one picture is blended into another.
    static func blend(_ first: SmallPicture, _ second: SmallPicture, _ third: SmallPicture) -> Bool {
        guard first.luma.count == second.luma.count, second.luma.count == third.luma.count else { return false }
        var (change, bend) = (0, 0)
        for cell in first.luma.indices {
            let (a, b, c) = (Int(first.luma[cell]), Int(second.luma[cell]), Int(third.luma[cell]))
            change += abs(b - a) + abs(c - b)
            bend += abs(c - 2 * b + a)
        }
        return change >= first.luma.count * 2 * Self.visible && bend * 4 < change
    }

    /// Levels, in the mean over all cells.
    private static let visible = 2
    private static let one = 1024
}
