import CFFmpeg
import ClipModel

/// Decodes one frame of a stream, whichever it is, exactly.
///
/// From the last keyframe from which it can be decoded, samples go to the decoder in their order, without those that
/// nothing refers to, up to the one wanted. Where that does not give the wanted frame, or what it may refer to is
/// damaged, the search starts further back.
struct FrameSearch: ~Copyable {
    /// The frame found.
    let frame: Frame
    private(set) var decoder: Decoder
    private(set) var warnings: [String] = []

    private let stream: Stream
    private var threads: Int
    private let reader: SampleReader
    private let nonReference: NonReference?
    private let packets: PacketCheck?
    /// What the decoder fills next.
    private let spare: Frame
    private var leavesOut = true
    private var isReordered = false
    private var attempt = Attempt(wanted: 0, start: 0)

    /// Throws `codecNotSupported`, `tooLarge`, `nothingDecodable` when there is no decoder for the stream.
    init(_ stream: Stream, _ table: SampleTable, threads: Int) throws(MediaError) {
        let reader = try SampleReader(stream, table)
        let decoder = try Decoder(
            stream, threads: threads, reorderDepth: Self.depth(table))
        let frame = try Frame()
        let spare = try Frame()
        self.stream = stream
        self.threads = threads
        self.decoder = decoder
        self.reader = reader
        nonReference = NonReference(stream)
        packets = PacketCheck(stream)
        self.frame = frame
        self.spare = spare
    }

    private static func depth(_ table: SampleTable) -> Int32 {
        table.isUntimed ? deepest : table.reorderDepth
    }

    /// Frames that a decoder holds back at most to put them in order.
    private static let deepest: Int32 = 16

    /// One run of the decoder, and what came of it.
    private struct Attempt {
        /// Index of the sample.
        var wanted: Int
        var start: Int
        /// Also takes a frame before the wanted one, the nearest, or else any.
        var takesOthers = false
        /// Index of the sample in `frame`.
        var found: Int?
        var isDamaged = false
        /// The bytes of the wanted frame itself are damaged.
        var isBroken = false
        /// What the decoder gave, in its order; only where that is asked for.
        var numbers: [Int]?
    }

    /// Leaves the frame of a sample in `frame`; returns the sample that it is of.
    ///
    /// When the frame itself can't be decoded it is the nearest before it, else the first there is, with a warning.
    /// Throws `nothingDecodable`, and as `FileInput` does.
    mutating func find(_ wanted: Int) throws(MediaError) -> Int {
        warnings = []
        isReordered = false
        let coded = reader.table.isUntimed ? try inCodedOrder(wanted) ?? wanted : wanted
        guard coded != wanted else { return try findSample(wanted) }
        isReordered = true
        let found = try findSample(coded)
        return found == coded ? wanted : found
    }

    private mutating func findSample(_ wanted: Int) throws(MediaError) -> Int {
        leavesOut = true
        if let found = try findExactly(wanted), threads == 1 || !attempt.isDamaged { return found }
        if threads > 1 {
            // What several threads make of damage depends on which of them is faster.
            threads = 1
            warnings = []
            decoder = try Decoder(stream, threads: 1, reorderDepth: Self.depth(reader.table))
            return try findSample(wanted)
        }
        leavesOut = false
        let first = try reader.firstStart()
        if first <= wanted { try run(Attempt(wanted: wanted, start: first, takesOthers: true), through: wanted) }
        if attempt.found == nil { try decodeFirst(from: first) }
        guard let found = attempt.found else {
            throw MediaError(.nothingDecodable, "Not one frame of the video could be decoded.")
        }
        if found != wanted {
            warnings.append("The frame asked for can't be decoded; the nearest one that can be is shown.")
        }
        warnOfDamage()
        return found
    }

    private mutating func findExactly(_ wanted: Int) throws(MediaError) -> Int? {
        var limit = wanted
        var (misses, damaged) = (0, 0)
        while limit >= 0, let start = try reader.start(notAfter: limit, for: wanted) {
            try run(Attempt(wanted: wanted, start: start), through: wanted)
            if attempt.found == wanted {
                // A decoder replaces what is damaged by what was before, if it had anything before.
                if !attempt.isDamaged || damaged > 0 || start == 0 {
                    warnOfDamage()
                    return wanted
                }
                damaged += 1
            } else {
                misses += 1
            }
            limit = start - 1
            if misses == Self.mostMisses { limit = min(limit, try reader.firstStart()) }
        }
        guard damaged > 0 else { return nil }
        // Nothing can be decoded from further back.
        let start = try reader.start(notAfter: wanted, for: wanted) ?? 0
        try run(Attempt(wanted: wanted, start: start), through: wanted)
        warnOfDamage()
        return attempt.found
    }

    private static let mostMisses = 3

    /// The sample whose frame is presented when this one is decoded, in a track that says no more: frames are presented
    /// in the order in which the decoder gives them. Nil where that can't be known.
    private mutating func inCodedOrder(_ wanted: Int) throws(MediaError) -> Int? {
        leavesOut = false
        var limit = wanted
        while limit >= 0, let start = try reader.start(notAfter: limit, for: wanted) {
            var attempt = Attempt(wanted: wanted, start: start)
            attempt.numbers = []
            try run(attempt, through: min(wanted + Int(Self.deepest) + 1, reader.table.samples.count - 1))
            let numbers = self.attempt.numbers ?? []
            // Frames that come before the first one refer to others before it, which may be lost.
            if numbers.first == start, numbers.count > wanted - start { return numbers[wanted - start] }
            limit = start - 1
        }
        return nil
    }

    private mutating func warnOfDamage() {
        if frame.isDamaged || attempt.isBroken && attempt.found == attempt.wanted {
            warnings.append("The frame shown is damaged.")
        } else if attempt.isDamaged {
            warnings.append("A frame before the one shown, which it may refer to, is damaged.")
        }
        if isReordered {
            warnings.append("The track does not say when its frames are presented; the coded video's order is taken.")
        }
    }

    // MARK: Decoding

    /// Decodes from the attempt's start through a sample.
    private mutating func run(_ new: Attempt, through last: Int) throws(MediaError) {
        attempt = new
        decoder.flush()
        av_frame_unref(frame.pointer)
        var previous: Int?
        for index in attempt.start...max(attempt.start, last) where reader.table.samples[index].size > 0 {
            guard let packet = try reader.read(index, after: previous) else {
                noteDamage(at: index)
                continue
            }
            if index != attempt.wanted, leavesOut, previous != nil, nonReference?.canBeLeftOut(packet) == true {
                continue
            }
            if packets?.isBroken(packet) == true {
                noteDamage(at: index)
                if index == attempt.wanted { attempt.isBroken = true }
            }
            try decode(packet, index)
            previous = index
        }
        try drain()
    }

    private mutating func decode(_ packet: Packet, _ index: Int) throws(MediaError) {
        while true {
            switch try decoder.send(packet) {
            case .full:
                guard try receive() else { return }
                continue
            case .refused: noteDamage(at: index)
            case .taken: break
            }
            break
        }
        while try receive() {}
    }

    private mutating func drain() throws(MediaError) {
        _ = try decoder.send(nil)
        while try receive() {}
    }

    /// Damage to frames that are presented before the start does not show: they lack what they refer to.
    private mutating func noteDamage(at index: Int?) {
        let samples = reader.table.samples
        guard let index, samples.indices.contains(index) else { return attempt.isDamaged = true }
        if samples[index].presentation >= samples[attempt.start].presentation { attempt.isDamaged = true }
    }

    /// Takes one frame from the decoder and keeps it if it is the wanted one; false when there is none.
    private mutating func receive() throws(MediaError) -> Bool {
        switch try decoder.receive(into: spare) {
        case .needsPackets, .end: return false
        case .damaged:
            noteDamage(at: nil)
            return true
        case .frame: break
        }
        try reader.checkDeadline()
        guard let number = spare.number, reader.table.samples.indices.contains(number) else { return true }
        if spare.isDamaged { noteDamage(at: number) }
        attempt.numbers?.append(number)
        guard isWanted(number) else { return true }
        av_frame_unref(frame.pointer)
        av_frame_move_ref(frame.pointer, spare.pointer)
        attempt.found = number
        return true
    }

    private func isWanted(_ number: Int) -> Bool {
        if number == attempt.wanted { return true }
        guard attempt.takesOthers else { return false }
        let samples = reader.table.samples
        guard let found = attempt.found else { return true }
        let time = samples[number].presentation
        return time <= samples[attempt.wanted].presentation && time >= samples[found].presentation
    }

    /// Decodes until there is a frame at all.
    private mutating func decodeFirst(from start: Int) throws(MediaError) {
        attempt = Attempt(wanted: start, start: start, takesOthers: true)
        decoder.flush()
        var previous: Int?
        for index in start..<reader.table.samples.count where attempt.found == nil {
            guard let packet = try reader.read(index, after: previous) else { continue }
            try decode(packet, index)
            previous = index
        }
        if attempt.found == nil { try drain() }
    }
}
