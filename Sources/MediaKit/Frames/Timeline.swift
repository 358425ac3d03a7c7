import CFFmpeg
import ClipModel

/// The presentation time line of one stream, from its packets' time stamps, without decoding. All times are in units of
/// the stream's time base.
struct Timeline {
    /// When the first frame is presented: the zero of offsets.
    private(set) var origin: Int64 = 0
    /// When the last frame is presented.
    private(set) var last: Int64 = 0
    /// How long the frames are presented, the last one's duration included; at least 0.
    private(set) var duration: Int64 = 0
    /// From the first frame to the end of the last one, as the packets say.
    private(set) var frameSpan: Int64 = 0
    /// Frames that are presented.
    private(set) var frameCount: Int64 = 0
    /// Bytes of all packets.
    private(set) var byteCount: Int64 = 0
    /// The first packet's decoding time.
    private(set) var firstDecodingTime: Int64 = 0
    /// Every sample claims to be a keyframe, which need not be true.
    private(set) var claimsOnlyKeyframes = true
    /// How many frames before it in the file are presented after a frame, at most, as far as was looked.
    private(set) var reorderDepth: Int32 = 0
    /// Samples that lie outside of the file.
    private(set) var missingSamples = 0
    /// What the track claims, when that is not near the truth.
    private(set) var falseDuration: Int64?

    /// Reads the sample table, which for fragmented files takes a walk over all fragments, and a few packets at both
    /// ends. The container is to read this stream only, and stands at its first packet or anywhere.
    ///
    /// Throws `nothingDecodable` when the stream has no frames, and as `FileInput` does.
    init(_ stream: Stream, track: TrackSurvey?, isFragmented: Bool) throws(MediaError) {
        if isFragmented { try Self.loadFragments(stream) }
        try readTable(stream)
        try readHead(stream, packets: isFragmented ? 64 : 1)
        try readTail(stream, track, isFragmented: isFragmented)
        frameSpan = duration
        weighClaim(stream)
    }

    /// With every stream discarded the demuxer reads the fragments' headers and skips their data.
    private static func loadFragments(_ stream: Stream) throws(MediaError) {
        stream.setIsRead(false)
        defer { stream.setIsRead(true) }
        let packet = try Packet()
        while try stream.container.read(into: packet) {}
    }

    private mutating func readTable(_ stream: Stream) throws(MediaError) {
        let count = avformat_index_get_entries_count(stream.pointer)
        guard count > 0, let first = avformat_index_get_entry(stream.pointer, 0) else { throw Self.noFrames }
        firstDecodingTime = first.pointee.timestamp
        for index in 0..<count {
            guard let entry = avformat_index_get_entry(stream.pointer, index)?.pointee else { break }
            if entry.flags & AVINDEX_DISCARD_FRAME == 0 { frameCount += 1 }
            if entry.flags & AVINDEX_KEYFRAME == 0 { claimsOnlyKeyframes = false }
            byteCount &+= Int64(entry.size)
            let (end, overflow) = entry.pos.addingReportingOverflow(Int64(entry.size))
            if overflow || entry.pos < 0 || end > stream.container.input.size { missingSamples += 1 }
        }
    }

    /// The first presented frame: no later packet can be presented before it once decoding times have passed it.
    private mutating func readHead(_ stream: Stream, packets least: Int) throws(MediaError) {
        guard try stream.seek(to: firstDecodingTime) else { throw Self.noFrames }
        let packet = try Packet()
        var first: Int64?
        var times: [Int64] = []
        while try stream.container.read(into: packet) {
            guard let time = packet.presentationTime else { continue }
            if !packet.isDiscarded { first = min(first ?? time, time) }
            reorderDepth = max(reorderDepth, Int32(clamping: times.count { $0 > time }))
            times.append(time)
            if times.count > 64 { times.removeFirst() }
            if let first, let decoding = packet.decodingTime, decoding > first, times.count >= least { break }
        }
        guard let first else { throw Self.noFrames }
        origin = first
    }

    private mutating func readTail(
        _ stream: Stream, _ track: TrackSurvey?, isFragmented: Bool
    ) throws(MediaError) {
        let count = avformat_index_get_entries_count(stream.pointer)
        var back: Int32 = 40
        while true {
            let index = max(0, count - back)
            guard let entry = avformat_index_get_entry(stream.pointer, index) else { throw Self.noFrames }
            if let end = try readEnd(stream, from: entry.pointee.timestamp, track, isFragmented) {
                duration = end.subtractingClamped(origin)
                return
            }
            if index == 0 { throw Self.noFrames }
            back = back.multipliedReportingOverflow(by: 8).partialValue
            if back <= 0 { back = count }
        }
    }

    /// The end of the last presented frame among the packets from `time` on; nil when none of them is presented.
    private mutating func readEnd(
        _ stream: Stream, from time: Int64, _ track: TrackSurvey?, _ isFragmented: Bool
    ) throws(MediaError) -> Int64? {
        guard try stream.seek(to: time, any: true) else { return nil }
        let packet = try Packet()
        var end: Int64?
        var previous: (duration: Int64, presented: Int64?) = (0, nil)
        // One packet behind, because the last one's duration is not always to be believed.
        func note(_ duration: Int64) {
            guard let presented = previous.presented else { return }
            last = end == nil ? presented : max(last, presented)
            end = max(end ?? .min, presented.addingClamped(duration))
        }
        while try stream.container.read(into: packet) {
            note(previous.duration)
            let usual = previous.duration
            previous.duration = packet.duration
            previous.presented = packet.isDiscarded ? nil : packet.presentationTime
            if let decoding = packet.decodingTime, usual > 0,
                isLastDurationFalse(stream, decoding, packet.duration, usual, track, isFragmented)
            {
                previous.duration = usual
            }
        }
        note(previous.duration)
        return end
    }

    /// The demuxer takes the rest of the track's claimed duration as that of the last sample. In a fragmented file the
    /// track's header can't know how long all the fragments are; a claim beyond their end is none of theirs.
    private func isLastDurationFalse(
        _ stream: Stream, _ decoding: Int64, _ duration: Int64, _ usual: Int64, _ track: TrackSurvey?,
        _ isFragmented: Bool
    ) -> Bool {
        let count = avformat_index_get_entries_count(stream.pointer)
        guard isFragmented, let entry = avformat_index_get_entry(stream.pointer, count - 1),
            entry.pointee.timestamp == decoding, duration > usual
        else { return false }
        guard let claimed = track?.mediaDuration else { return true }
        return stream.duration.map { claimed >= UInt64(clamping: $0) } ?? true
    }

    /// Weighs the track's claim: within a frame of what the packets say it is right, because an edit list can begin and
    /// end within a frame; otherwise the packets decide.
    private mutating func weighClaim(_ stream: Stream) {
        guard let claimed = stream.duration else { return }
        let lastFrame = duration.subtractingClamped(last.subtractingClamped(origin))
        let difference = claimed.subtractingClamped(duration).magnitude
        if difference < lastFrame.magnitude {
            duration = claimed
        } else if difference > max(lastFrame, stream.units(milliseconds: 1000)).magnitude {
            falseDuration = claimed
        }
    }

    private static let noFrames = MediaError(.nothingDecodable, "The video track has no frames.")
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
