import CFFmpeg
import ClipModel
import Glibc

/// Decodes a recording from its start, as far as it needs to find the first stretch of each kind that is asked for.
struct StretchSearch {
    let request: StretchRequest

    /// Throws as decoding does.
    ///
    /// - Parameter length: How long the media lasts, in units of the stream's time base.
    func found(
        _ stream: Stream, _ table: SampleTable, lasting length: Int64
    ) throws(MediaError) -> FoundStretches {
        var found = FoundStretches()
        if request.black != nil || request.frozen != nil {
            (found.black, found.frozen) = try pictures(stream, table, lasting: length)
        }
        if let silent = request.silent { found.silent = try silence(stream.container.input, longerThan: silent) }
        return found
    }

    // MARK: Video

    private func pictures(
        _ stream: Stream, _ table: SampleTable, lasting length: Int64
    ) throws(MediaError) -> (FoundStretches.Stretch?, FoundStretches.Stretch?) {
        var search = try FrameSearch(stream, table, threads: 1)
        var watch = PictureWatch(request, reference: try Frame())
        let first = table.firstPresentation
        func time(_ units: Int64) -> Double { stream.time(units.subtractingClamped(first)).seconds }
        // What can't be decoded shows nothing: the picture before stays.
        try search.begin(at: try search.reader.firstStart(), through: table.samples.count - 1, wanted: nil)
        while !watch.isDone, let number = try search.next() {
            try watch.note(search.spare, at: time(table.samples[number].presentation))
        }
        watch.end(at: time(first.addingClamped(length)))
        return (watch.black?.found, watch.frozen?.found)
    }

    private struct PictureWatch: ~Copyable {
        var black: StretchWatch?
        var frozen: StretchWatch?
        /// The first picture of those that are alike.
        private let reference: Frame
        private var since: Double?

        init(_ request: StretchRequest, reference: consuming Frame) {
            black = request.black.map { StretchWatch(longerThan: $0) }
            frozen = request.frozen.map { StretchWatch(longerThan: $0) }
            self.reference = reference
        }

        /// Each that is wanted has been found.
        var isDone: Bool { (black.map { $0.found != nil } ?? true) && (frozen.map { $0.found != nil } ?? true) }

        mutating func note(_ frame: borrowing Frame, at time: Double) throws(MediaError) {
            if let black, black.found == nil { self.black?.note(PictureMeasure.isBlack(frame), at: time) }
            guard let frozen, frozen.found == nil else { return }
            if since != nil, PictureMeasure.isSame(reference, frame) { return }
            self.frozen?.end(at: time)
            av_frame_unref(reference.pointer)
            try check(av_frame_ref(reference.pointer, frame.pointer), .notAvailable, "There is no memory for a picture")
            since = time
            self.frozen?.note(true, at: time)
        }

        mutating func end(at time: Double) {
            black?.end(at: time)
            frozen?.end(at: time)
        }
    }

    // MARK: Sound

    /// In the first audio track; nil where there is none.
    private func silence(_ input: FileInput, longerThan limit: Double) throws(MediaError) -> FoundStretches.Stretch? {
        // The demuxer starts where the one before it left off.
        _ = input.seek(0, SEEK_SET)
        let container = try Container(input)
        let tracks = container.streams.filter { $0.isAudio && $0.parameters.codec_id != AV_CODEC_ID_NONE }
        guard let stream = tracks.first else { return nil }
        guard avcodec_find_decoder(stream.parameters.codec_id) != nil else {
            throw MediaError(.codecNotSupported, "There is no decoder for its audio (\(stream.codecName)).")
        }
        for other in container.streams { other.setIsRead(other.index == stream.index) }
        let decoder = try Decoder(stream, threads: 1, reorderDepth: 0)
        let packet = try Packet()
        let frame = try Frame()
        var watch = StretchWatch(longerThan: limit)
        var time = 0.0
        func receive() throws(MediaError) -> Bool {
            switch try decoder.receive(into: frame) {
            case .needsPackets, .end: return false
            case .damaged: return true
            case .frame: time = SoundMeasure.note(frame, at: time, in: &watch)
            }
            return true
        }
        while watch.found == nil, try container.read(into: packet) {
            guard packet.pointer.pointee.stream_index == stream.index else { continue }
            while case .full = try decoder.send(packet), try receive() {}
            while try receive() {}
        }
        _ = try decoder.send(nil)
        while watch.found == nil, try receive() {}
        watch.end(at: time)
        return watch.found
    }
}
