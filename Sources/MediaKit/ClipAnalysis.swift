import CFFmpeg
import ClipModel

/// One file on its way from its boxes to the answer.
struct ClipAnalysis: ~Copyable {
    private let scan: BoxScan
    let container: Container
    let stream: Stream
    let table: SampleTable
    let timeline: Timeline
    let tools: PictureTools
    var search: FrameSearch
    private let isTruncated: Bool
    private var warnings: [String]

    /// Opens the file and lays out its time line. Throws what the file is refused for.
    init(_ input: FileInput, _ scan: BoxScan, _ tools: PictureTools, threads: Int) throws(MediaError) {
        let container = try Container(input)
        let stream = try Self.video(of: container, scan)
        for other in container.streams { other.setIsRead(other.index == stream.index) }
        var table = try SampleTable(stream, mediaData: scan.mediaData)
        let cut = try scan.judgeCut(missingSamples: table.missing)
        let track = scan.track(id: stream.id)
        try table.findLackOfTimes(stream, track?.edits)
        let timeline = try Timeline(
            table, stream, track: track, movieTimescale: scan.movieTimescale,
            isFragmented: scan.isFragmented)
        let search = try FrameSearch(stream, table, threads: threads)
        self.scan = scan
        self.container = container
        self.stream = stream
        self.table = table
        self.timeline = timeline
        self.tools = tools
        self.search = search
        isTruncated = cut != nil || table.missing > 0
        warnings = scan.warnings + (cut.map { [$0] } ?? [])
    }

    mutating func warn(_ sentence: String) { warnings.append(sentence) }

    /// The largest video track that can be decoded; an enabled one before others, and of two alike the first.
    private static func video(of container: Container, _ scan: BoxScan) throws(MediaError) -> Stream {
        let tracks = container.streams.filter(\.isRecording)
        guard !tracks.isEmpty else { throw MediaError(.noVideo, "There is no video track in the file.") }
        let clear = tracks.filter { scan.track(id: $0.id)?.isEncrypted != true }
        guard let first = clear.first else {
            throw MediaError(.encrypted, "The video is encrypted, and there is no key for it.")
        }
        let usable = clear.filter { avcodec_find_decoder($0.parameters.codec_id) != nil }
        let enabled = usable.filter { $0.pointer.pointee.disposition & AV_DISPOSITION_DEFAULT != 0 }
        var chosen: Stream?
        for track in enabled.isEmpty ? usable : enabled where track.pixels > chosen?.pixels ?? -1 { chosen = track }
        guard let chosen else {
            let name = scan.track(id: first.id)?.sampleEntry?.text ?? first.codecName
            throw MediaError(.codecNotSupported, "There is no decoder for its video (\(name)).")
        }
        return chosen
    }

    /// Decodes the frame asked for, or the first one, which also tells what the container does not.
    mutating func answer(_ request: MediaRequest) throws(MediaError) -> MediaAnswer {
        let thumbnails = request.thumbnails
        // What the container says of colours is known before anything is decoded.
        if thumbnails != nil || request.sheet != nil, !tools.mapsColours, PictureColour.needsMapping(stream.parameters)
        {
            _ = try tools.filters()
        }
        var target = try target(of: thumbnails)
        var wanted = table.index(atPlace: target.shown.place)
        var found = try search.find(wanted)
        if thumbnails?.skipsBlank == true, let other = try targetInstead(of: target, found) {
            target = other
            wanted = table.index(atPlace: target.shown.place)
            found = try search.find(wanted)
        }
        let orientation = readOrientation()
        let aspect = readAspect()
        let colour = PictureColour(search.frame)
        let seen = readCleanAperture()
        var answer = MediaAnswer(facts: try facts(orientation, aspect), creationTime: container.creationTime)
        answer.creationDate = container.creationDate
        answer.warnings =
            warnings + target.warnings + search.warnings + timelineWarnings + colour.warnings + profileWarnings
        if request.hashesVideo { answer.facts.video.codedSHA256 = try CodedHash.of(table, container.input) }
        if let stretches = request.stretches, !stretches.isEmpty {
            answer.stretches = try StretchSearch(request: stretches).found(
                stream, table, lasting: timeline.mediaLength)
        }
        let renderer = ThumbnailRenderer(
            orientation: orientation, aspect: Double(aspect.num) / Double(aspect.den), colour: colour,
            fit: thumbnails?.fit ?? .usual,
            quality: thumbnails?.quality ?? ThumbnailRequest.usualQuality, tools: tools)
        if thumbnails != nil {
            let pictures = try renderer.render(try picture(of: found), part: seen)
            let late = table.samples[found].presentation.subtractingClamped(table.samples[wanted].presentation)
            let time = max(0, target.shown.since.addingClamped(late))
            var rendered = RenderedThumbnails(
                frameTime: stream.time(time), usedOffsetMilliseconds: target.milliseconds ?? milliseconds(naming: time),
                large: pictures.large, small: pictures.small)
            rendered.reason = target.reason
            rendered.candidates = target.candidates.map(\.candidate)
            answer.thumbnails = rendered
        }
        let maker = SheetMaker(stream: stream, table: table, timeline: timeline, renderer: renderer, part: seen)
        if request.showsCandidates, !target.candidates.isEmpty {
            answer.strip = try maker.strip(
                target.candidates.map { ($0.frame, $0.candidate) }, quality: renderer.quality, &search)
        }
        if let sheet = request.sheet {
            let (made, damaged) = try maker.sheet(sheet, &search)
            answer.sheet = made
            if damaged > 0 {
                answer.warnings.append(
                    "Damaged or not decodable: \(damaged) of the sheet's \(made.tiles.count) pictures.")
            }
        }
        answer.decodedFrames = search.decodedFrames
        return answer
    }

    /// The frame found, as a whole picture if it is interlaced, for which the frames around it are decoded too.
    private mutating func picture(of found: Int) throws(MediaError) -> Frame {
        let frame = try search.frame.shared()
        guard frame.isInterlaced else { return frame }
        let library = try tools.filters()
        let place = table.place(of: found)
        let before = try neighbour(at: place - 1)
        let after = try neighbour(at: place + 1)
        return try Deinterlacer.picture(of: frame, before: before, after: after, with: library)
    }

    private mutating func neighbour(at place: Int) throws(MediaError) -> Frame? {
        guard table.order.indices.contains(place) else { return nil }
        let wanted = table.index(atPlace: place)
        do throws(MediaError) {
            return try search.find(wanted) == wanted ? try search.frame.shared() : nil
        } catch  where error.kind == .nothingDecodable {
            return nil
        }
    }

    /// The first whole millisecond at which the frame presented at `time` is on show.
    func milliseconds(naming time: Int64) -> Int64 { max(0, stream.milliseconds(time, rounding: AV_ROUND_UP)) }
}

// MARK: - Facts

extension ClipAnalysis {
    private func facts(_ orientation: Orientation, _ aspect: AVRational) throws(MediaError) -> MediaFacts {
        let frame = search.frame.pointer.pointee
        let decoder = search.decoder.pointer.pointee
        var video = VideoFacts(
            codec: stream.codecName, width: Int(frame.width), height: Int(frame.height), frameRate: frameRate)
        video.profile = avcodec_profile_name(decoder.codec_id, decoder.profile).map { String(cString: $0) }
        video.rotation = orientation.degrees
        video.mirrored = orientation.isMirrored
        video.sampleAspectRatio = "\(aspect.num)/\(aspect.den)"
        video.hdr =
            switch PictureColour.dynamicRange(frame.color_trc) {
            case .pq: "PQ"
            case .hlg: "HLG"
            case .standard: nil
            }
        if search.frame.isInterlaced { video.fieldOrder = search.frame.isTopFieldFirst ? .top : .bottom }
        video.colour = ColourFacts(search.frame)
        let metadata = HDRMetadata(search.frame, stream)
        video.hdrMetadata = metadata.isEmpty ? nil : metadata
        (video.minFrameRate, video.maxFrameRate) = FrameRates(table, timeline, stream.timeBase).limits
        let rate = av_rescale(
            table.byteCount.multipliedReportingOverflow(by: 8).partialValue, Int64(stream.timeBase.den),
            max(1, timeline.mediaLength.multipliedReportingOverflow(by: Int64(stream.timeBase.num)).partialValue))
        if rate > 0 { video.bitRate = rate }
        let duration = stream.time(timeline.duration).seconds
        guard duration <= MediaFacts.longestDuration else {
            let (seconds, most) = (duration.rounded(), Int64(MediaFacts.longestDuration))
            throw MediaError(.tooLarge, "It goes on for \(seconds) s, and a clip for at most \(most) s.")
        }
        var facts = MediaFacts(
            container: scan.containerName, durationSeconds: duration, video: video, audio: container.audio)
        facts.audioTracks = container.audioTracks(scan)
        facts.chapters = container.chapters
        facts.title = container.text("title")
        facts.artist = container.text("artist")
        facts.timeCode = container.timeCode(of: stream)
        facts.recorder = container.recorder
        let videos = container.streams.count(where: \.isRecording)
        if isTruncated { facts.isTruncated = true }
        if videos > 1 { facts.videoTracks = videos }
        return facts
    }

    /// Frames over the time that they last. Reduced.
    private var frameRate: String {
        var (numerator, denominator): (Int32, Int32) = (0, 1)
        let units = Int64(table.order.count).multipliedReportingOverflow(by: Int64(stream.timeBase.den))
        let length = timeline.mediaLength.multipliedReportingOverflow(by: Int64(stream.timeBase.num))
        if !units.overflow, !length.overflow {
            av_reduce(&numerator, &denominator, units.partialValue, length.partialValue, Int64(Int32.max))
        }
        return "\(numerator)/\(denominator)"
    }

    /// The track's, else the bitstream's.
    private mutating func readOrientation() -> Orientation {
        guard
            let read = stream.withSideData(AV_PKT_DATA_DISPLAYMATRIX, { Orientation($0) })
                ?? search.frame.withSideData(AV_FRAME_DATA_DISPLAYMATRIX, { Orientation($0) })
        else { return .init() }
        guard let orientation = read else {
            warnings.append("The track's display matrix makes no sense; the picture is shown as it was coded.")
            return .init()
        }
        if !orientation.isExact {
            warnings.append(
                "The picture is to be turned by \(orientation.degrees) degrees; it is turned by the nearest 90.")
        }
        return orientation
    }

    /// The part of the picture that is meant to be seen; nil for all of it.
    private mutating func readCleanAperture() -> PixelRectangle? {
        guard let track = scan.track(id: stream.id) else { return nil }
        let chroma = PixelTraits(search.frame.format).chroma
        let part = track.cleanAperture?.part(of: search.frame.size, alignment: chroma)
        if part == nil, track.cleanAperture != nil || track.hasSenselessAperture {
            warnings.append("The track's clean aperture makes no sense; all of the picture is shown.")
        }
        return part
    }

    /// The container's, else the bitstream's; square when it can't be true.
    private mutating func readAspect() -> AVRational {
        let container = stream.pointer.pointee.sample_aspect_ratio
        let coded = search.frame.pointer.pointee.sample_aspect_ratio
        var aspect = container.num > 0 && container.den > 0 ? container : coded
        guard aspect.num > 0, aspect.den > 0 else { return AVRational(num: 1, den: 1) }
        av_reduce(&aspect.num, &aspect.den, Int64(aspect.num), Int64(aspect.den), Int64(Int32.max))
        guard aspect.num / 16 <= aspect.den, aspect.den / 16 <= aspect.num else {
            warnings.append("The sample aspect ratio of \(aspect.num)/\(aspect.den) makes no sense; 1/1 is taken.")
            return AVRational(num: 1, den: 1)
        }
        return aspect
    }

    private var timelineWarnings: [String] {
        var warnings: [String] = []
        warnings += timeline.warnings
        if let claimed = timeline.falseLength {
            warnings.append(
                """
                The track claims to last \(stream.time(claimed).seconds) s; its frames last \
                \(stream.time(timeline.mediaLength).seconds) s.
                """)
        }
        if table.missing > 0 { warnings.append("\(table.missing) frames lie outside of the file.") }
        if container.unreadablePackets > 0 {
            warnings.append("\(container.unreadablePackets) frames can't be read.")
        }
        return warnings
    }

    /// Dolby Vision whose base layer is nothing that other decoders can show (profile 5).
    private var profileWarnings: [String] {
        let isAlone =
            stream.withSideData(AV_PKT_DATA_DOVI_CONF) { bytes in
                guard bytes.count >= MemoryLayout<AVDOVIDecoderConfigurationRecord>.size else { return false }
                let record = bytes.loadUnaligned(as: AVDOVIDecoderConfigurationRecord.self)
                return record.dv_bl_signal_compatibility_id == 0
            } ?? false
        return isAlone ? ["It is Dolby Vision without a base layer for others; the colours are not right."] : []
    }
}
