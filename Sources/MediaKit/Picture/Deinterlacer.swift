import CFFmpeg
import ClipModel

/// Makes whole pictures of interlaced frames (`bwdif` of libavfilter), which takes the frames before and after one: with
/// one alone the filter can't tell what moves.
enum Deinterlacer {
    /// The picture at the time of the frame's first field; all three frames are used up.
    ///
    /// - Parameter before: Nil for the first frame, as `after` is for the last.
    static func picture(
        of frame: borrowing Frame, before: consuming Frame?, after: consuming Frame?, with library: FilterLibrary
    ) throws(MediaError) -> Frame {
        let (size, format) = (frame.size, frame.format)
        guard size.width >= smallest, size.height >= smallest else { return try frame.shared() }
        let graph = try FilterGraph(library, from: size, format, "bwdif=mode=send_frame:parity=auto:deint=interlaced")
        var time: Int64 = 0
        if let before, before.size == size, before.format == format {
            before.pointer.pointee.pts = time
            try graph.push(before)
            time += 1
        }
        let first = time
        frame.pointer.pointee.pts = time
        try graph.push(frame)
        if let after, after.size == size, after.format == format {
            after.pointer.pointee.pts = time + 1
            try graph.push(after)
        }
        try graph.end()
        if first > 0 { _ = try graph.pull() }
        return try graph.pull()
    }

    /// Pixels; the filter takes no smaller pictures.
    private static let smallest = 4
}
