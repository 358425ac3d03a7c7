import ClipModel

/// Which stretches of a recording a sheet has a picture of. Plain arithmetic.
struct SheetPlan: Hashable {
    /// Milliseconds at which the stretches begin, and at which the last one ends.
    var bounds: [Int64]
    private let mostColumns: Int

    /// - Parameters:
    ///   - duration: Milliseconds.
    ///   - frames: There are no more pictures than frames.
    init(_ request: SheetRequest, duration: Int64, frames: Int) {
        let duration = max(1, duration)
        mostColumns = min(max(request.columns, 1), SheetRequest.mostColumns)
        let most = min(mostColumns * min(max(request.rows, 1), SheetRequest.mostRows), max(1, frames))
        let every = max(1, request.everyMilliseconds ?? 1)
        // Rounded up; the last stretch may be shorter.
        let wanted = (duration - 1) / every + 1
        if request.everyMilliseconds != nil, wanted <= Int64(most) {
            bounds = (0..<wanted).map { $0 * every } + [duration]
        } else {
            let count = min(Int64(most), wanted)
            bounds = (0...count).map { Int64(clamping: (Int128(duration) * Int128($0)) / Int128(count)) }
        }
    }

    /// From left to right, then from top to bottom.
    var stretches: [Range<Int64>] { zip(bounds, bounds.dropFirst()).map { $0..<$1 } }

    /// Columns and rows of a sheet of so many pictures.
    func shape(of count: Int) -> (columns: Int, rows: Int) {
        let columns = min(mostColumns, max(1, count))
        return (columns, (max(1, count) + columns - 1) / columns)
    }
}
