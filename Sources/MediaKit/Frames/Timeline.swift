import CFFmpeg
import ClipModel

/// When which frame is presented, by the edit list (ISO/IEC 14496-12, section 8.6.6). All times are in units of the
/// stream's time base; those of the presentation count from the first picture that is shown.
struct Timeline {
    /// A part of the media that is presented in one piece.
    struct Segment: Hashable {
        /// When the presentation of it begins, and how long it lasts.
        var start: Int64
        var length: Int64
        /// Where in the media it begins.
        var media: Int64
        /// Speed in units of 1/65,536; 0 holds one picture.
        var rate: Int32 = 0x10000

        var end: Int64 { start.addingClamped(length) }
        var mediaEnd: Int64 { media.addingClamped(mediaLength(length)) }

        func mediaLength(_ length: Int64) -> Int64 {
            rate == 0x10000 ? length : Self.clamped(av_rescale_rnd(length, Int64(rate), 0x10000, AV_ROUND_DOWN))
        }

        /// The inverse; of a picture that is held, 0.
        func presented(_ mediaLength: Int64) -> Int64 {
            if rate == 0x10000 { return mediaLength }
            return rate == 0 ? 0 : Self.clamped(av_rescale_rnd(mediaLength, 0x10000, Int64(rate), AV_ROUND_UP))
        }

        /// What does not fit is `Int64.min` for the library.
        private static func clamped(_ value: Int64) -> Int64 { value < 0 ? .max : value }
    }

    /// In order; at least one.
    private(set) var segments: [Segment] = []
    /// How long the presentation lasts, the last frame's duration included; at least 1.
    private(set) var duration: Int64 = 1
    /// How long the media lasts, whatever is presented of it; at least 1.
    private(set) var mediaLength: Int64 = 1
    /// What the track claims that the media lasts, when that is not near the truth.
    private(set) var falseLength: Int64?
    private(set) var warnings: [String] = []

    private let first: Int64
    /// When the first picture is shown by the edit list.
    private(set) var origin: Int64 = 0

    /// Throws `nothingDecodable` when the edit list shows no frame.
    init(
        _ table: SampleTable, _ stream: Stream, track: TrackScan?, movieTimescale: Int64, isFragmented: Bool
    ) throws(MediaError) {
        first = table.firstPresentation
        let last = Self.lastDuration(table, stream, track, isFragmented)
        let decoded = (table.samples.last?.decoding ?? 0).addingClamped(last)
            .subtractingClamped(table.samples.first?.decoding ?? 0)
        // Composition offsets move frames, they do not make them longer: the media lasts as long as it is decoded.
        let presented = table.lastPresentation.subtractingClamped(first)
        mediaLength = max(1, decoded > presented ? decoded : presented.addingClamped(last))
        let mediaEnd = first.addingClamped(mediaLength)
        if let edits = track?.edits {
            apply(edits, units: (Int64(stream.timeBase.den), movieTimescale), mediaEnd, isFragmented)
            guard !segments.isEmpty else {
                throw MediaError(
                    .nothingDecodable, "Its edit list shows none of its \(table.order.count) frames.")
            }
        } else {
            segments = [Segment(start: 0, length: mediaLength, media: first)]
        }
        duration = max(1, segments.reduce(0) { max($0, $1.end) })
        if let claimed = track?.mediaDuration.map({ Int64(clamping: $0) }) {
            // Some count what is before the first frame, and some the time in which an edit list shows nothing.
            let truths = [mediaLength, mediaEnd, origin.addingClamped(duration)]
            let nearness = max(last, stream.units(milliseconds: 1000)).magnitude
            if truths.allSatisfy({ claimed.subtractingClamped($0).magnitude > nearness }) { falseLength = claimed }
        }
    }

    /// Of the last sample: what its table says, in a fragmented file what the demuxer found at the end of the last
    /// fragment, else as long as the one before.
    private static func lastDuration(
        _ table: SampleTable, _ stream: Stream, _ track: TrackScan?, _ isFragmented: Bool
    ) -> Int64 {
        guard let last = table.samples.last else { return 1 }
        let steps = zip(table.samples.dropFirst().suffix(40), table.samples.dropLast().suffix(40)).map {
            $0.decoding.subtractingClamped($1.decoding)
        }
        let usual = steps.last { $0 > 0 } ?? 0
        let said: Int64
        if isFragmented {
            // What the track's header claims can't know of the fragments, and hides how long they are.
            let end = stream.duration.flatMap { UInt64(clamping: $0) > track?.headerDuration ?? 0 ? $0 : nil }
            said = end?.subtractingClamped(last.decoding) ?? 0
        } else {
            said = Int64(track?.lastSampleDuration ?? 0)
        }
        return said > 0 ? said : max(1, usual)
    }

    // MARK: Edits

    private mutating func apply(
        _ edits: EditList, units: (track: Int64, movie: Int64), _ mediaEnd: Int64, _ isFragmented: Bool
    ) {
        var position: Int64 = 0
        // One unit of the movie's time scale, by which a duration is rounded.
        let tick = av_rescale_rnd(1, units.track, units.movie, AV_ROUND_UP)
        for (index, edit) in edits.entries.enumerated() {
            let isLast = index == edits.entries.count - 1
            let isOpen = isLast && (edit.duration == 0 || isFragmented) && edit.rate != 0
            let length = max(0, av_rescale(edit.duration, units.track, units.movie))
            defer { position = position.addingClamped(length) }
            guard let start = edit.start, start < mediaEnd else { continue }
            if edit.rate < 0 {
                warnings = ["The edit list has a part that runs backwards; it is shown forwards."]
            }
            var segment = Segment(
                start: position, length: length, media: start, rate: edit.rate < 0 ? 0x10000 : edit.rate)
            let whole = segment.presented(mediaEnd.subtractingClamped(start))
            if isOpen || segment.rate != 0 && length.addingClamped(isLast ? tick : 0) >= whole {
                segment.length = whole
            }
            // What lies before the first frame shows nothing.
            let lead = segment.presented(max(0, first.subtractingClamped(start)))
            segment.start = segment.start.addingClamped(lead)
            segment.length = segment.length.subtractingClamped(lead)
            segment.media = max(first, start)
            if segment.length > 0 { segments.append(segment) }
        }
        origin = segments.first?.start ?? 0
        for index in segments.indices { segments[index].start = segments[index].start.subtractingClamped(origin) }
    }
}

// MARK: - Looking up

extension Timeline {
    /// What is on show at a time.
    struct Shown {
        /// The frame's number in the table's `order`.
        var place: Int
        /// Since when it is on show, after the first picture.
        var since: Int64
    }

    /// The frame on show at a time after the first picture; where nothing is presented, the one that was before. O(log n).
    func shown(at time: Int64, in table: SampleTable) -> Shown {
        let time = min(max(0, time), duration - 1)
        var (low, high) = (0, segments.count)
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].start <= time { low = middle + 1 } else { high = middle }
        }
        let segment = segments[max(0, low - 1)]
        let within = min(max(0, time.subtractingClamped(segment.start)), max(0, segment.length - 1))
        let media = segment.media.addingClamped(segment.mediaLength(within))
        let place = table.place(at: media)
        let presented = table.samples[table.index(atPlace: place)].presentation
        let after = presented.subtractingClamped(segment.media)
        return Shown(
            place: place, since: segment.start.addingClamped(after > 0 ? segment.presented(after) : 0))
    }

    /// When a frame of the media begins to be shown first, after the first picture; nil if the edit list shows it nowhere
    /// from its beginning.
    func presented(_ media: Int64) -> Int64? {
        guard let segment = segments.first(where: { $0.media <= media && media < $0.mediaEnd }) else { return nil }
        return segment.start.addingClamped(segment.presented(media.subtractingClamped(segment.media)))
    }

    /// The last frame that is presented.
    func lastShown(in table: SampleTable) -> Shown { shown(at: duration - 1, in: table) }
}

extension FixedWidthInteger {
    /// The sum, or the nearest number that there is.
    func addingClamped(_ other: Self) -> Self {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The difference, or the nearest number that there is.
    func subtractingClamped(_ other: Self) -> Self {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}
