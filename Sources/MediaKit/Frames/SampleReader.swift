import CFFmpeg
import ClipModel

/// Reads coded frames from where the sample table says that they are, numbered in the place of their times.
struct SampleReader: ~Copyable {
    let table: SampleTable
    private let input: FileInput
    private let intraOnly: Bool
    private let keyframes: KeyframeCheck
    /// Some samples claim to be keyframes and others do not, so that it says something.
    private let trustsFlags: Bool
    private let packet: Packet

    /// Throws `memoryLimit`, `notAvailable`.
    init(_ stream: Stream, _ table: SampleTable) throws(MediaError) {
        let keyframes = try KeyframeCheck(stream)
        let packet = try Packet()
        self.table = table
        self.keyframes = keyframes
        self.packet = packet
        input = stream.container.input
        intraOnly = KeyframeCheck.isIntraOnly(stream)
        let claims = table.samples.lazy.filter(\.isKeyframe).count
        trustsFlags = claims > 0 && (claims < table.samples.count || claims == 1)
    }

    /// The packet of a sample, valid until the next call; nil where the file has nothing of it.
    ///
    /// - Parameter previous: What the decoder was given before; nil after it was flushed.
    func read(_ index: Int, after previous: Int? = nil) throws(MediaError) -> Packet? {
        let sample = table.samples[index]
        guard
            try packet.load(
                input, at: sample.position, count: sample.size, isKeyframe: sample.isKeyframe)
        else { return nil }
        packet.pointer.pointee.pts = Int64(index)
        packet.pointer.pointee.dts = Int64(index)
        // After a jump the decoder needs the last parameters before; otherwise those that are new since then.
        for type in [AV_PKT_DATA_NEW_EXTRADATA, AV_PKT_DATA_PALETTE] {
            let change = table.changes.last { $0.index <= index && $0.type == type }
            if let change, change.index > previous ?? -1 { try packet.add(change.bytes, as: type) }
        }
        return packet
    }

    /// Throws `unreadable`, `deadlineExceeded`.
    func checkDeadline() throws(MediaError) { try input.checkDeadline() }

    // MARK: Where decoding can start

    /// Whether decoding can start at a sample.
    func canStart(at index: Int) throws(MediaError) -> Bool {
        let sample = table.samples[index]
        guard sample.size > 0 else { return false }
        if intraOnly || trustsFlags && sample.isKeyframe { return true }
        // Cutters take the first sample's flag away; of the others none is a keyframe without it.
        guard !trustsFlags || index == 0, let packet = try read(index) else { return false }
        return keyframes.isKeyframe(packet)
    }

    /// The last sample not after `limit` from which a frame can be decoded; nil if there is none.
    func start(notAfter limit: Int, for wanted: Int) throws(MediaError) -> Int? {
        let time = table.samples[wanted].presentation
        for index in stride(from: limit, through: 0, by: -1) where table.samples[index].presentation <= time {
            if try canStart(at: index) { return index }
        }
        return nil
    }

    /// The first sample from which anything can be decoded; 0 if none claims that.
    func firstStart() throws(MediaError) -> Int {
        for index in table.samples.indices {
            if try canStart(at: index) { return index }
        }
        return 0
    }

    /// One of the first frames is predicted from both sides.
    func isBidirectional() throws(MediaError) -> Bool {
        for index in 0..<min(40, table.samples.count) {
            if let packet = try read(index), keyframes.isBidirectional(packet) { return true }
        }
        return false
    }
}
