import CFFmpeg
import ClipModel

/// The coded frames of one stream in the order in which they are decoded, as the container lists them. Times are in
/// units of the stream's time base.
struct SampleTable {
    struct Sample {
        var presentation: Int64
        var decoding: Int64
        /// Byte offset in the file.
        var position: Int64
        /// Bytes.
        var size: Int32
        /// The container says that decoding can start here.
        var isKeyframe: Bool
    }

    /// What a decoder is to be told before it gets a sample.
    struct Change {
        var index: Int
        var type: AVPacketSideDataType
        var bytes: [UInt8]
    }

    private(set) var samples: [Sample] = []
    /// Indices of the samples that are frames in the order in which they are presented.
    private(set) var order: [Int32] = []
    /// New parameters of the decoder, in the order of the samples.
    private(set) var changes: [Change] = []
    /// Samples that do not lie wholly within the file.
    private(set) var missing = 0
    /// Bytes of all samples.
    private(set) var byteCount: Int64 = 0
    /// The container has no times of presentation, and the coded video needs them.
    private(set) var isUntimed = false

    /// Walks over all packets of the stream, which is the only one that the container reads. The media data itself is
    /// not read. Throws `nothingDecodable` when there are no frames, and as `FileInput` does.
    init(_ stream: Stream, mediaData: [Range<Int64>]) throws(MediaError) {
        let container = stream.container
        container.input.hollow = mediaData
        defer { container.input.hollow = [] }
        let packet = try Packet()
        while try container.read(into: packet) {
            guard packet.pointer.pointee.stream_index == stream.index else { continue }
            note(packet, fileSize: container.input.size)
        }
        let listed = Int(avformat_index_get_entries_count(stream.pointer))
        missing += max(0, listed - samples.count)
        if changes.isEmpty { putRunsInOrder() }
        putInOrder()
        guard !order.isEmpty else {
            throw MediaError(.nothingDecodable, "The video track has no frames.")
        }
    }

    private mutating func note(_ packet: Packet, fileSize: Int64) {
        let previous = samples.last
        let decoding = packet.decodingTime ?? packet.presentationTime ?? previous?.decoding ?? 0
        let sample = Sample(
            presentation: packet.presentationTime ?? decoding, decoding: decoding,
            position: packet.pointer.pointee.pos, size: packet.pointer.pointee.size, isKeyframe: packet.isKeyframe)
        for type in [AV_PKT_DATA_NEW_EXTRADATA, AV_PKT_DATA_PALETTE] {
            guard changes.count < Self.mostChanges, let bytes = packet.sideData(type) else { continue }
            changes.append(Change(index: samples.count, type: type, bytes: bytes))
        }
        let (end, overflow) = sample.position.addingReportingOverflow(Int64(sample.size))
        if sample.position < 0 || overflow || end > fileSize { missing += 1 }
        byteCount = byteCount.addingClamped(Int64(sample.size))
        samples.append(sample)
    }

    private static let mostChanges = 1000

    /// Fragments may stand in the file in another order than they are to be decoded in. Runs of ascending decoding times
    /// that do not overlap are put in order; of those that do, nothing is known.
    private mutating func putRunsInOrder() {
        var runs: [Range<Int>] = []
        var start = 0
        for index in samples.indices.dropFirst() where samples[index].decoding < samples[index - 1].decoding {
            runs.append(start..<index)
            start = index
        }
        guard !runs.isEmpty else { return }
        runs.append(start..<samples.count)
        runs.sort { one, other in
            let times = (samples[one.lowerBound].decoding, samples[other.lowerBound].decoding)
            return times.0 == times.1 ? one.lowerBound < other.lowerBound : times.0 < times.1
        }
        for (one, next) in zip(runs, runs.dropFirst())
        where samples[one.upperBound - 1].decoding >= samples[next.lowerBound].decoding { return }
        samples = runs.flatMap { samples[$0] }
    }

    /// A sample without bytes is no frame: the one before stays on show.
    private mutating func putInOrder() {
        let samples = samples
        order = samples.indices.lazy.filter { samples[$0].size > 0 }.map { Int32(clamping: $0) }
        order.sort { (samples[Int($0)].presentation, $0) < (samples[Int($1)].presentation, $1) }
    }
}

extension SampleTable {
    /// The number of the last frame in `order` that is presented not after `time`; of the first one if there is none.
    /// Of several at the same time, the last one in the file. O(log n).
    func place(at time: Int64) -> Int {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if samples[Int(order[middle])].presentation <= time { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 1)
    }

    /// The number in `order` of a frame by its index. O(log n).
    func place(of index: Int) -> Int {
        let key = (samples[index].presentation, index)
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            let other = Int(order[middle])
            if (samples[other].presentation, other) < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The index of a frame by its number in `order`, which must be one.
    func index(atPlace place: Int) -> Int { Int(order[place]) }

    /// When the first frame is presented.
    var firstPresentation: Int64 { order.first.map { samples[Int($0)].presentation } ?? 0 }

    /// When the last frame is presented.
    var lastPresentation: Int64 { order.last.map { samples[Int($0)].presentation } ?? 0 }

    /// Finds out whether the frames are in need of times of presentation that the container does not have. An edit list
    /// that was to hide a decoder's delay then tells of it: frames are presented so much later.
    mutating func findLackOfTimes(_ stream: Stream, _ edits: EditList?) throws(MediaError) {
        guard samples.count > 1, KeyframeCheck.mayReorder(stream),
            samples.allSatisfy({ $0.presentation == $0.decoding })
        else { return }
        isUntimed = try SampleReader(stream, self).isBidirectional()
        guard isUntimed, let start = edits?.entries.lazy.compactMap(\.start).first,
            let first = samples.first?.decoding,
            samples.prefix(17).contains(where: { $0.decoding.subtractingClamped(first) == start })
        else { return }
        for index in samples.indices {
            samples[index].presentation = samples[index].presentation.addingClamped(start)
        }
    }

    /// How many frames before it in the file are presented after a frame, at most, as far as was looked.
    var reorderDepth: Int32 {
        let head = samples.prefix(96)
        var depth = 0
        for (index, sample) in head.enumerated() {
            depth = max(depth, head[max(0, index - 32)..<index].count { $0.presentation > sample.presentation })
        }
        return Int32(clamping: depth)
    }
}
