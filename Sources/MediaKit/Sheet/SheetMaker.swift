import CFFmpeg
import ClipModel
import FoundationEssentials

/// Makes one picture of many: each frame is decoded once, in the order of the file.
struct SheetMaker {
    let stream: Stream
    let table: SampleTable
    let timeline: Timeline
    let renderer: ThumbnailRenderer
    /// The part of each picture that is meant to be seen; nil for all of it.
    let part: PixelRectangle?

    /// - Returns: The sheet, and how many of its pictures are damaged or are not there.
    func sheet(
        _ request: SheetRequest, _ search: inout FrameSearch
    ) throws(MediaError) -> (sheet: RenderedSheet, damaged: Int) {
        let duration = stream.milliseconds(timeline.duration, rounding: AV_ROUND_DOWN)
        let plan = SheetPlan(request, duration: duration, frames: table.order.count)
        var places: [(frame: Int, tile: RenderedSheet.Tile)] = []
        for stretch in plan.stretches {
            let middle = stretch.lowerBound + (stretch.upperBound - stretch.lowerBound) / 2
            let shown = timeline.shown(at: stream.units(milliseconds: middle), in: table)
            var (frame, since) = (table.index(atPlace: shown.place), shown.since)
            if !request.isExact, let keyframe = try search.reader.start(notAfter: frame, for: frame) {
                frame = keyframe
                since = timeline.presented(table.samples[keyframe].presentation) ?? 0
            }
            let time = stream.milliseconds(max(0, since), rounding: AV_ROUND_UP)
            if places.last?.frame == frame {
                // One picture is enough for both.
                places[places.count - 1].tile.end = stretch.upperBound
            } else {
                places.append((frame, .init(start: stretch.lowerBound, end: stretch.upperBound, frame: time)))
            }
        }
        let (columns, rows) = plan.shape(of: places.count)
        let size = tileSize(search.frame.size, in: request.largestTile)
        let canvas = try canvas(columns: columns, rows: rows, of: size)
        let drawn = try draw(places.map(\.frame), on: canvas, columns, size, &search)
        if !request.isSprite {
            for (index, place) in places.enumerated() {
                let (x, y) = (index % columns * size.width, index / columns * size.height)
                Lettering.draw(
                    Self.label(place.tile.frame), on: canvas, x: x + 4, y: y + max(0, size.height - 22))
            }
        }
        let jpeg = try renderer.tools.encode(canvas, quality: request.quality)
        return (
            RenderedSheet(
                tile: PictureSize(width: size.width, height: size.height), columns: columns, rows: rows,
                tiles: places.map(\.tile), jpeg: jpeg),
            places.count - drawn
        )
    }

    /// A JPEG file of the candidates for a thumbnail with their scores and what speaks against them; the one that was
    /// chosen has a frame around it.
    func strip(
        _ candidates: [(frame: Int, PictureCandidate)], quality: Int, _ search: inout FrameSearch
    ) throws(MediaError) -> Data {
        let size = tileSize(search.frame.size, in: Self.stripTile)
        let columns = min(Self.stripColumns, max(1, candidates.count))
        let canvas = try canvas(columns: columns, rows: (candidates.count + columns - 1) / columns, of: size)
        _ = try draw(candidates.map(\.frame), on: canvas, columns, size, &search)
        for (index, (_, candidate)) in candidates.enumerated() {
            let (x, y) = (index % columns * size.width, index / columns * size.height)
            if candidate.isChosen { canvas.outline(PixelRectangle(x: x, y: y, size: size)) }
            let text = "\(candidate.score) \(candidate.condition.rawValue)"
            Lettering.draw(Self.label(candidate.milliseconds), on: canvas, x: x + 8, y: y + 8)
            Lettering.draw(text, on: canvas, x: x + 8, y: y + 26)
        }
        return try renderer.tools.encode(canvas, quality: quality)
    }

    /// As many columns and pictures of so many pixels at most as `AnswerMessage` takes.
    private static let stripTile = SheetRequest().largestTile
    private static let stripColumns = 4

    /// `1:02.345`
    private static func label(_ milliseconds: Int64) -> String {
        func digits(_ number: Int64, _ count: Int) -> String {
            String(repeating: "0", count: max(0, count - String(number).count)) + String(number)
        }
        return "\(milliseconds / 60_000):\(digits(milliseconds / 1000 % 60, 2)).\(digits(milliseconds % 1000, 3))"
    }

    private func tileSize(_ frame: PixelSize, in box: PictureSize) -> PixelSize {
        renderer.tileSize(of: part?.size ?? frame, in: box)
    }

    private func canvas(columns: Int, rows: Int, of tile: PixelSize) throws(MediaError) -> Frame {
        let canvas = try Frame()
        try canvas.allocate(
            PixelSize(width: tile.width * columns, height: tile.height * max(1, rows)), AV_PIX_FMT_RGB24)
        canvas.blacken()
        return canvas
    }

    // MARK: One pass

    /// Draws a frame at each place, from left to right, then from top to bottom. Returns how many of them are whole.
    private func draw(
        _ frames: [Int], on canvas: borrowing Frame, _ columns: Int, _ size: PixelSize, _ search: inout FrameSearch
    ) throws(MediaError) -> Int {
        let whole = search.frame.size
        var places: [Int: [Int]] = [:]
        for (place, frame) in frames.enumerated() { places[frame, default: []].append(place) }
        var count = 0
        func put(_ number: Int, _ frame: borrowing Frame, isWhole: Bool) throws(MediaError) {
            guard let targets = places.removeValue(forKey: number) else { return }
            if isWhole { count += targets.count }
            let tile = try renderer.tile(frame, part: frame.size == whole ? part : nil, size: size)
            for place in targets {
                canvas.paste(tile, x: place % columns * size.width, y: place / columns * size.height)
            }
        }
        for group in try groups(Set(frames), search.reader) {
            try search.begin(at: group.start, through: group.wanted.max() ?? group.start, wanted: group.wanted)
            while let number = try search.next() { try put(number, search.spare, isWhole: !search.isDamaged) }
        }
        // What can't be decoded from its keyframe alone: in rolling refresh, or damage.
        for number in places.keys.sorted() {
            do throws(MediaError) {
                _ = try search.find(number)
            } catch  where error.kind == .nothingDecodable {
                continue
            }
            try put(number, search.frame, isWhole: search.warnings.isEmpty)
        }
        return count
    }

    /// Frames that are decoded in one go, from where decoding can start.
    private struct Group {
        var start: Int
        var wanted: Set<Int>
    }

    private func groups(_ frames: Set<Int>, _ reader: borrowing SampleReader) throws(MediaError) -> [Group] {
        var groups: [Group] = []
        for frame in frames.sorted() {
            guard let start = try reader.start(notAfter: frame, for: frame) else { continue }
            if groups.last?.start == start {
                groups[groups.count - 1].wanted.insert(frame)
            } else {
                groups.append(Group(start: start, wanted: [frame]))
            }
        }
        return groups
    }
}

/// Drawing on packed RGB of 8 bits.
extension Frame {
    func blacken() {
        guard let bytes = pointer.pointee.data.0 else { return }
        for row in 0..<size.height {
            (bytes + row * Int(pointer.pointee.linesize.0)).update(repeating: 0, count: size.width * 3)
        }
    }

    /// Puts a whole picture somewhere within this one.
    fileprivate func paste(_ picture: borrowing Frame, x: Int, y: Int) {
        guard let target = pointer.pointee.data.0, let source = picture.pointer.pointee.data.0 else { return }
        let (stride, sourceStride) = (Int(pointer.pointee.linesize.0), Int(picture.pointer.pointee.linesize.0))
        let width = min(picture.size.width, size.width - x)
        guard width > 0 else { return }
        for row in 0..<max(0, min(picture.size.height, size.height - y)) {
            (target + ((y + row) * stride + x * 3)).update(from: source + row * sourceStride, count: width * 3)
        }
    }

    /// A white line of four pixels within the edges of a part.
    fileprivate func outline(_ part: PixelRectangle) {
        guard let bytes = pointer.pointee.data.0 else { return }
        let width = 4
        for row in 0..<part.size.height {
            let line = bytes + ((part.y + row) * Int(pointer.pointee.linesize.0) + part.x * 3)
            if row < width || row >= part.size.height - width {
                line.update(repeating: 255, count: part.size.width * 3)
            } else {
                let edge = min(width, part.size.width)
                line.update(repeating: 255, count: edge * 3)
                (line + (part.size.width - edge) * 3).update(repeating: 255, count: edge * 3)
            }
        }
    }
}
