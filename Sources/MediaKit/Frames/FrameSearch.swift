import CFFmpeg
import ClipModel

/// Decodes one frame of a stream, whichever it is, exactly.
///
/// From the last keyframe from which it can be decoded, samples go to the decoder in their order, without those that
/// nothing refers to, up to the one wanted. Where that does not give the wanted frame, or what it may refer to is
/// damaged, the search starts further back.
///
/// Frames can also be taken one by one, as they come: `begin`, then `next`.
struct FrameSearch: ~Copyable {
    /// The frame found.
    let frame: Frame
    /// The frame that `next` gave.
    let spare: Frame
    let reader: SampleReader
    private(set) var decoder: Decoder
    private(set) var warnings: [String] = []
    /// Coded frames that the decoder was given.
    private(set) var decodedFrames = 0

    private let stream: Stream
    private var threads: Int
    private let nonReference: NonReference?
    private let packets: PacketCheck?
    private var leavesOut = true
    private var isReordered = false
    private var attempt = Attempt(wanted: 0, start: 0)
    private var progress = Progress()
    /// Of the sample whose frame `hold` was given.
    private var held: Int?

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
        let units = CodedUnits(stream)
        nonReference = units.map { NonReference($0) }
        packets = units.map { PacketCheck($0) }
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
        if held == wanted { return wanted }
        held = nil
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
        av_frame_unref(frame.pointer)
        try begin(new, through: last)
        while let number = try next() { keep(number) }
    }

    /// Decodes until there is a frame at all.
    private mutating func decodeFirst(from start: Int) throws(MediaError) {
        try begin(
            Attempt(wanted: start, start: start, takesOthers: true), through: reader.table.samples.count - 1)
        while attempt.found == nil, let number = try next() { keep(number) }
    }

    private mutating func begin(_ new: Attempt, through last: Int) throws(MediaError) {
        attempt = new
        decoder.flush()
        progress = Progress(next: new.start, last: max(new.start, last))
        try want([new.wanted])
    }

    /// These frames must come.
    private mutating func want(_ wanted: Set<Int>) throws(MediaError) {
        progress.wanted = wanted
        guard leavesOut, let nonReference else { return }
        for index in wanted {
            if let packet = try reader.read(index) {
                progress.layer = max(progress.layer, nonReference.layer(of: packet))
            }
        }
    }

    /// How far the decoder is.
    private struct Progress {
        /// Index of the sample that it is given next.
        var next = 0
        var last = -1
        /// What it was given before.
        var previous: Int?
        /// Indices of samples that are not left out.
        var wanted: Set<Int> = []
        /// The highest temporal sub-layer of their frames.
        var layer = 0
        var isEnding = false
    }

    /// Keeps the frame that `next` gave if it is the wanted one.
    private mutating func keep(_ number: Int) {
        attempt.numbers?.append(number)
        guard isWanted(number) else { return }
        av_frame_unref(frame.pointer)
        av_frame_move_ref(frame.pointer, spare.pointer)
        attempt.found = number
    }

    private func isWanted(_ number: Int) -> Bool {
        if number == attempt.wanted { return true }
        guard attempt.takesOthers else { return false }
        let samples = reader.table.samples
        guard let found = attempt.found else { return true }
        let time = samples[number].presentation
        return time <= samples[attempt.wanted].presentation && time >= samples[found].presentation
    }

    /// Gives the decoder the next packet that it needs, or tells it that there are no more.
    private mutating func feed() throws(MediaError) {
        while progress.next <= progress.last {
            let index = progress.next
            progress.next += 1
            guard reader.table.samples[index].size > 0 else { continue }
            guard let packet = try reader.read(index, after: progress.previous) else {
                noteDamage(at: index)
                continue
            }
            if leavesOut, progress.previous != nil, !progress.wanted.contains(index),
                nonReference?.canBeLeftOut(packet, forLayer: progress.layer) == true
            {
                continue
            }
            if packets?.isBroken(packet) == true {
                noteDamage(at: index)
                if index == attempt.wanted { attempt.isBroken = true }
            }
            decodedFrames += 1
            progress.previous = index
            // It is not full: all frames that it had have been received.
            if try decoder.send(packet) != .taken { noteDamage(at: index) }
            return
        }
        progress.isEnding = true
        _ = try decoder.send(nil)
    }

    /// Damage to frames that are presented before the start does not show: they lack what they refer to.
    private mutating func noteDamage(at index: Int?) {
        let samples = reader.table.samples
        guard let index, samples.indices.contains(index) else { return attempt.isDamaged = true }
        if samples[index].presentation >= samples[attempt.start].presentation { attempt.isDamaged = true }
    }
}

// MARK: - One frame after the other

extension FrameSearch {
    /// Whether anything was damaged since `begin`, which the last frame may refer to.
    var isDamaged: Bool { attempt.isDamaged }

    /// Starts decoding at a sample from which that is possible, through another, for `next` to give the frames.
    ///
    /// - Parameter wanted: The frames that must come; others may be left out. Nil: all frames come.
    mutating func begin(at start: Int, through last: Int, wanted: Set<Int>?) throws(MediaError) {
        held = nil
        leavesOut = wanted != nil
        try begin(Attempt(wanted: start, start: start), through: last)
        if let wanted { try want(wanted) }
    }

    /// Fills `spare` with the next frame in order of presentation, and returns the index of its sample; nil when there
    /// are no more.
    mutating func next() throws(MediaError) -> Int? {
        while true {
            switch try decoder.receive(into: spare) {
            case .end: return nil
            case .damaged: noteDamage(at: nil)
            case .needsPackets:
                if progress.isEnding { return nil }
                try feed()
            case .frame:
                try reader.checkDeadline()
                guard let number = spare.number, reader.table.samples.indices.contains(number) else { continue }
                if spare.isDamaged { noteDamage(at: number) }
                return number
            }
        }
    }

    /// Has `find` give this frame of a sample, which was decoded already and is not damaged.
    mutating func hold(_ other: consuming Frame, of number: Int) {
        av_frame_unref(frame.pointer)
        av_frame_move_ref(frame.pointer, other.pointer)
        (held, warnings, isReordered) = (number, [], false)
    }
}
