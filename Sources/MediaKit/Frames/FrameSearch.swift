import CFFmpeg
import ClipModel

/// Finds and decodes the frame that a player shows at a time: the last one presented not after it.
///
/// From a keyframe that is presented not after the target, packets go to the decoder in their order. Which frame is
/// wanted is known from time stamps before it is decoded, so that decoding stops with it, and packets before it that
/// nothing refers to are left out. Where that does not give the wanted frame, the search starts further back.
struct FrameSearch: ~Copyable {
    /// The frame found.
    let frame: Frame
    let decoder: Decoder
    private(set) var warnings: [String] = []

    private let stream: Stream
    private let timeline: Timeline
    private let keyframes: KeyframeCheck
    private let nonReference: NonReference?
    /// What the decoder fills next.
    private let spare: Frame
    private var hasFrame = false
    private var leavesOut = true

    /// Throws `codecNotSupported`, `tooLarge`, `nothingDecodable` when there is no decoder for the stream.
    init(_ stream: Stream, _ timeline: Timeline, threads: Int) throws(MediaError) {
        let decoder = try Decoder(stream, threads: threads, reorderDepth: timeline.reorderDepth)
        let keyframes = try KeyframeCheck(stream)
        let frame = try Frame()
        let spare = try Frame()
        self.stream = stream
        self.timeline = timeline
        self.decoder = decoder
        self.keyframes = keyframes
        nonReference = NonReference(stream)
        self.frame = frame
        self.spare = spare
    }

    private enum Attempt {
        case found
        /// Decoding can't start at the packet with this decoding time.
        case startsTooLate(Int64)
        /// Decoding from there did not give the wanted frame.
        case missed(Int64)
        case noPackets
    }

    /// Leaves the last frame presented not after `target` in `frame`; returns when it is presented. Both are in units of
    /// the stream's time base.
    ///
    /// When the frame itself can't be decoded it is the nearest before it, else the first after it, with a warning.
    /// Throws `nothingDecodable`, and as `FileInput` does.
    mutating func find(_ target: Int64) throws(MediaError) -> Int64 {
        let target = max(timeline.origin, target)
        if let time = try findExactly(target) { return time }
        leavesOut = false
        if case .found = try attempt(target, seekingTo: timeline.firstDecodingTime) {
            return frame.presentationTime ?? target
        }
        if !hasFrame { try decodeFirst(after: target) }
        guard hasFrame, let time = frame.presentationTime else {
            throw MediaError(.nothingDecodable, "Not one frame of the video could be decoded.")
        }
        warnings.append("The frame asked for can't be decoded; the nearest one that can be is shown.")
        return time
    }

    private mutating func findExactly(_ target: Int64) throws(MediaError) -> Int64? {
        var position = target
        var step: Int64 = 1
        var misses = 0
        for _ in 0..<Self.mostAttempts {
            var start = timeline.firstDecodingTime
            switch try attempt(target, seekingTo: position) {
            case .found: return frame.presentationTime
            case .noPackets: break
            case .startsTooLate(let time): start = time
            case .missed(let time):
                start = time
                misses += 1
                if misses == Self.mostMisses { position = timeline.firstDecodingTime.addingClamped(1) }
            }
            guard start > timeline.firstDecodingTime else { return nil }
            // A seek may land on the same packet again.
            step = start <= position ? 1 : step.multipliedReportingOverflow(by: 2).partialValue
            position = min(start, position).subtractingClamped(max(1, step))
        }
        return nil
    }

    private static let mostAttempts = 1000
    private static let mostMisses = 3

    private mutating func attempt(_ target: Int64, seekingTo position: Int64) throws(MediaError) -> Attempt {
        guard try stream.seek(to: position) else { return .noPackets }
        restart()
        var packet = try Packet()
        guard try stream.container.read(into: packet) else { return .noPackets }
        let start = packet.decodingTime ?? timeline.firstDecodingTime
        let isAtStart = start <= timeline.firstDecodingTime
        if !isAtStart, !canStart(packet, target) { return .startsTooLate(start) }

        // The best candidate so far and what follows it in the file.
        var queue: [Packet] = []
        var wanted: Int64?
        var (presentedSince, queuedBytes): (Int, Int64) = (0, 0)
        repeat {
            // Decoding times of packets outside of the edit list say nothing of what follows: another edit can.
            if !packet.isDiscarded, let time = packet.decodingTime, time > target, wanted != nil || isAtStart { break }
            // Of two at the same time, which edits can bring about, the later one in the file is shown last.
            if !packet.isDiscarded, let time = packet.presentationTime, time <= target, time >= wanted ?? .min {
                for waiting in queue { try decode(waiting, upTo: target, canBeLeftOut: true) }
                queue = [packet]
                wanted = time
                (presentedSince, queuedBytes) = (0, 0)
            } else if wanted == nil {
                try decode(packet, upTo: target, canBeLeftOut: true)
            } else {
                queue.append(packet)
                if !packet.isDiscarded { presentedSince += 1 }
                queuedBytes += Int64(packet.pointer.pointee.size)
                if presentedSince > Self.furthestAhead || queuedBytes > Self.mostQueuedBytes { break }
            }
            packet = try Packet()
        } while try stream.container.read(into: packet)

        if let candidate = queue.first { try decode(candidate, upTo: target, canBeLeftOut: false) }
        try drain(upTo: target)
        guard hasFrame, let wanted, frame.presentationTime == wanted, isAtStart || !frame.isDamaged else {
            return .missed(start)
        }
        return .found
    }

    /// Frames that one packet can be ahead of the others in the file; codecs have at most 16.
    private static let furthestAhead = 64
    /// More than the packets between one edit and the next.
    private static let mostQueuedBytes: Int64 = 1 << 28

    private func canStart(_ packet: Packet, _ target: Int64) -> Bool {
        guard let time = packet.presentationTime, time <= target, packet.isKeyframe else { return false }
        return !timeline.claimsOnlyKeyframes || KeyframeCheck.isIntraOnly(stream) || keyframes.isKeyframe(packet)
    }

    private mutating func restart() {
        decoder.flush()
        av_frame_unref(frame.pointer)
        hasFrame = false
    }

    // MARK: Decoding

    private mutating func decode(_ packet: Packet, upTo target: Int64, canBeLeftOut: Bool) throws(MediaError) {
        try stream.container.input.checkDeadline()
        if canBeLeftOut, leavesOut, nonReference?.canBeLeftOut(packet) == true { return }
        while case .full = try decoder.send(packet) {
            guard try receive(upTo: target) else { return }
        }
        while try receive(upTo: target) {}
    }

    private mutating func drain(upTo target: Int64) throws(MediaError) {
        _ = try decoder.send(nil)
        while try receive(upTo: target) {}
    }

    /// Takes one frame from the decoder and keeps it if it is the best so far; false when there is none.
    private mutating func receive(upTo target: Int64) throws(MediaError) -> Bool {
        switch try decoder.receive(into: spare) {
        case .needsPackets, .end: return false
        case .damaged: return true
        case .frame: break
        }
        try stream.container.input.checkDeadline()
        guard !spare.isDiscarded, let time = spare.presentationTime, time <= target,
            !hasFrame || time >= frame.presentationTime ?? .min
        else { return true }
        av_frame_unref(frame.pointer)
        av_frame_move_ref(frame.pointer, spare.pointer)
        hasFrame = true
        return true
    }

    /// Decodes from the start until there is a frame at all.
    private mutating func decodeFirst(after target: Int64) throws(MediaError) {
        guard try stream.seek(to: timeline.firstDecodingTime) else { return }
        restart()
        let packet = try Packet()
        while !hasFrame, try stream.container.read(into: packet) {
            try decode(packet, upTo: .max, canBeLeftOut: false)
        }
        if !hasFrame { try drain(upTo: .max) }
    }
}
