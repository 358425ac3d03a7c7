import CFFmpeg
import ClipModel

/// One file on its way from its boxes to the answer.
struct Examination: ~Copyable {
    private let survey: FileSurvey
    private let container: Container
    private let stream: Stream
    private let timeline: Timeline
    private let tools: PictureTools
    private(set) var search: FrameSearch
    private var warnings: [String]

    /// Opens the file and lays out its time line. Throws what the file is refused for.
    init(_ input: FileInput, _ survey: FileSurvey, _ tools: PictureTools, threads: Int) throws(MediaError) {
        let container = try Container(input)
        let stream = try Self.video(of: container, survey)
        for other in container.streams { other.setIsRead(other.index == stream.index) }
        let timeline = try Timeline(stream, track: survey.track(id: stream.id), isFragmented: survey.isFragmented)
        let search = try FrameSearch(stream, timeline, threads: threads)
        self.survey = survey
        self.container = container
        self.stream = stream
        self.timeline = timeline
        self.tools = tools
        self.search = search
        warnings = survey.warnings
    }

    /// The first video track that can be decoded; a default one before others.
    private static func video(of container: Container, _ survey: FileSurvey) throws(MediaError) -> Stream {
        let tracks = container.streams.filter { $0.isVideo && !$0.isPicture }
        guard !tracks.isEmpty else { throw MediaError(.noVideo, "There is no video track in the file.") }
        let clear = tracks.filter { survey.track(id: $0.id)?.isEncrypted != true }
        guard let first = clear.first else {
            throw MediaError(.encrypted, "The video is encrypted, and there is no key for it.")
        }
        let usable = clear.filter { avcodec_find_decoder($0.parameters.codec_id) != nil }
        let isDefault = { (stream: Stream) in stream.pointer.pointee.disposition & AV_DISPOSITION_DEFAULT != 0 }
        guard let chosen = usable.first(where: isDefault) ?? usable.first else {
            let name = first.parameters.codec_id == AV_CODEC_ID_NONE ? "unknown" : first.codecName
            throw MediaError(.codecNotSupported, "There is no decoder for its video (\(name)).")
        }
        return chosen
    }

    /// Decodes the frame asked for, or the first one, which also tells what the container does not.
    mutating func answer(_ request: ThumbnailRequest?) throws(MediaError) -> MediaAnswer {
        let target = try target(of: request)
        // What the container says of colours is known before anything is decoded.
        if request != nil, !tools.mapsColours, PictureColour.needsMapping(stream.parameters) {
            _ = try tools.filters()
        }
        let time = try search.find(target.units)
        warnings += search.warnings
        let orientation = readOrientation()
        let aspect = readAspect()
        let colour = PictureColour(search.frame)
        let seen = readCleanAperture()
        var answer = MediaAnswer(facts: facts(orientation, aspect), creationTime: creationTime)
        if let request {
            let renderer = ThumbnailRenderer(
                orientation: orientation, aspect: Double(aspect.num) / Double(aspect.den), colour: colour,
                fit: request.fit, quality: request.quality, tools: tools)
            let pictures = try renderer.render(search.frame, part: seen)
            answer.thumbnails = RenderedThumbnails(
                frameTime: stream.time(time.subtractingClamped(timeline.origin)),
                usedOffsetMilliseconds: target.isPastEnd
                    ? milliseconds(naming: time) : max(0, request.offsetMilliseconds),
                large: pictures.large, small: pictures.small)
        }
        answer.warnings = warnings + timelineWarnings + colour.warnings + profileWarnings
        return answer
    }

    private func target(of request: ThumbnailRequest?) throws(MediaError) -> (units: Int64, isPastEnd: Bool) {
        guard let request else { return (timeline.origin, false) }
        let offset = stream.units(milliseconds: request.offsetMilliseconds)
        let isPastEnd = offset >= max(1, timeline.duration)
        if isPastEnd, request.whenPastEnd == .fail {
            throw MediaError(
                .offsetPastEnd,
                """
                The thumbnail's offset of \(request.offsetMilliseconds) ms is past the end of the video \
                (\(stream.time(timeline.duration).milliseconds) ms).
                """)
        }
        return (isPastEnd ? timeline.last : min(timeline.last, timeline.origin.addingClamped(offset)), isPastEnd)
    }

    /// The first whole millisecond at which the frame presented at `time` is on show.
    private func milliseconds(naming time: Int64) -> Int64 {
        let after = time.subtractingClamped(timeline.origin)
        return max(0, av_rescale_q_rnd(after, stream.timeBase, AVRational(num: 1, den: 1000), AV_ROUND_UP))
    }
}

// MARK: - Facts

extension Examination {
    private func facts(_ orientation: Orientation, _ aspect: AVRational) -> MediaFacts {
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
        let duration = stream.time(timeline.duration)
        if timeline.duration > 0 {
            let rate = av_rescale(
                timeline.byteCount.multipliedReportingOverflow(by: 8).partialValue, Int64(stream.timeBase.den),
                max(1, timeline.duration.multipliedReportingOverflow(by: Int64(stream.timeBase.num)).partialValue))
            if rate > 0 { video.bitRate = rate }
        }
        return MediaFacts(
            container: survey.containerName, durationSeconds: duration.seconds, video: video, audio: audio)
    }

    /// The average that the sample table has; of fragments, frames over time. Reduced.
    private var frameRate: String {
        let average = stream.pointer.pointee.avg_frame_rate
        if !survey.isFragmented, average.num > 0, average.den > 0 { return "\(average.num)/\(average.den)" }
        var (numerator, denominator): (Int32, Int32) = (0, 1)
        let units = timeline.frameCount.multipliedReportingOverflow(by: Int64(stream.timeBase.den))
        let length = timeline.frameSpan.multipliedReportingOverflow(by: Int64(stream.timeBase.num))
        if !units.overflow, !length.overflow, length.partialValue > 0 {
            av_reduce(&numerator, &denominator, units.partialValue, length.partialValue, Int64(Int32.max))
        }
        return "\(numerator)/\(denominator)"
    }

    private var audio: AudioFacts? {
        guard let stream = container.streams.first(where: { $0.isAudio && $0.parameters.codec_id != AV_CODEC_ID_NONE })
        else { return nil }
        let parameters = stream.parameters
        return AudioFacts(
            codec: stream.codecName, channels: Int(max(0, parameters.ch_layout.nb_channels)),
            sampleRate: Int(max(0, parameters.sample_rate)))
    }

    /// Nil for years before 1990 or after 2200, which no recorder meant.
    private var creationTime: Timestamp? {
        guard let time = container.tag("creation_time").flatMap({ Timestamp(parsing: $0) }) else { return nil }
        return (631_152_000..<7_258_118_400).contains(time.seconds) ? time : nil
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
        guard let track = survey.track(id: stream.id) else { return nil }
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
        if let claimed = timeline.falseDuration {
            warnings.append(
                """
                The track claims to last \(stream.time(claimed).seconds) s; its frames last \
                \(stream.time(timeline.duration).seconds) s.
                """)
        }
        if timeline.missingSamples > 0 {
            warnings.append("\(timeline.missingSamples) frames lie outside of the file.")
        }
        if container.unreadablePackets > 0 {
            warnings.append("\(container.unreadablePackets) frames can't be read.")
        }
        if search.frame.isDamaged { warnings.append("The frame shown is damaged.") }
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
