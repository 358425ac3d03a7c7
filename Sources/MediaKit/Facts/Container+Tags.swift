import CFFmpeg
import ClipModel

/// What recorders write beside the media.
extension Container {
    /// A tag of the file as a whole that says something; nil for one of spaces.
    func text(_ key: String) -> String? {
        tag(key).flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
    }

    /// `creation_time`; nil for years before 1990 or after 2200, which no recorder meant.
    var creationTime: Timestamp? { Self.plausible(tag("creation_time").flatMap { Timestamp(parsing: $0) }) }

    /// `com.apple.quicktime.creationdate`, which is the start of a recording with its zone.
    var creationDate: Timestamp? { Self.plausible(tag("com.apple.quicktime.creationdate").flatMap(Self.zoned)) }

    /// `2026-11-02T21:14:03+0100`, which ISO 8601 calls the basic form of a zone, or the extended one; nil without one.
    private static func zoned(_ text: String) -> Timestamp? {
        guard let sign = text.lastIndex(where: { $0 == "+" || $0 == "-" }), text[sign...].count == 5,
            text.contains("T")
        else { return Timestamp(parsing: text) }
        let minutes = text.index(sign, offsetBy: 3)
        return Timestamp(parsing: text[..<minutes] + ":" + text[minutes...])
    }

    private static func plausible(_ time: Timestamp?) -> Timestamp? {
        time.flatMap { (631_152_000..<7_258_118_400).contains($0.seconds) ? $0 : nil }
    }

    /// By what each leaves in its files; nil for what is not known.
    var recorder: Recorder? {
        let author = text("artist") ?? text("author") ?? ""
        let encoder = ["encoder", "encoding_tool", "software"].compactMap(text).joined(separator: " ")
        if author == "Microsoft Game DVR" { return .xboxGameBar }
        if encoder.contains("OBS") || encoder.contains("obs-output") || encoder.contains("libobs") { return .obs }
        if encoder.contains("Bandicam") { return .bandicam }
        if encoder.contains("NVIDIA") || author.contains("NVIDIA") { return .shadowPlay }
        if text("com.apple.quicktime.make") == "Apple" || text("com.apple.quicktime.creationdate") != nil
            || text("com.apple.quicktime.author") == "ReplayKitRecording"
        {
            return .apple
        }
        return text("com.android.version") == nil ? nil : .android
    }

    /// The video's time code, which the demuxer reads from the track (`tmcd`) that the video's refers to; else that of any
    /// track. Nil for what has not the form of one.
    func timeCode(of video: Stream) -> String? {
        let codes = ([video] + streams).lazy.compactMap { Self.value("timecode", in: $0.pointer.pointee.metadata) }
        return codes.first.flatMap { code in
            let parts = code.split(omittingEmptySubsequences: false) { ":;.".contains($0) }
            return parts.count == 4 && parts.allSatisfy { (1...4).contains($0.count) && $0.allSatisfy(\.isNumber) }
                ? code : nil
        }
    }

    // MARK: Tracks and chapters

    /// The first audio track.
    var audio: AudioFacts? { sound.first?.audio }

    /// All of them, when there are several.
    func audioTracks(_ scan: BoxScan) -> [AudioTrackFacts]? {
        let tracks = sound
        guard tracks.count > 1 else { return nil }
        return tracks.prefix(Self.mostTracks).map {
            AudioTrackFacts($0.audio, title: scan.track(id: $0.id)?.name ?? $0.title, language: $0.language)
        }
    }

    private var sound: [Stream] {
        streams.filter { $0.isAudio && $0.parameters.codec_id != AV_CODEC_ID_NONE }
    }

    var chapters: [ChapterFacts]? {
        let chapters = allChapters.prefix(Self.mostChapters).map {
            ChapterFacts(startSeconds: $0.start.seconds, title: $0.title)
        }
        return chapters.isEmpty ? nil : chapters
    }

    /// When a chapter begins on the file's time line: the first one of this title, whatever its letters' case. Nil for the
    /// title: the first one that begins after `origin`, or else the first one.
    func chapterStart(titled title: String?, after origin: MediaTime) -> MediaTime? {
        if let title { return allChapters.first { $0.title?.lowercased() == title.lowercased() }?.start }
        return (allChapters.first { origin < $0.start } ?? allChapters.first)?.start
    }

    private var allChapters: [(start: MediaTime, title: String?)] {
        (0..<Int(pointer.pointee.nb_chapters)).compactMap { index in
            guard let chapter = pointer.pointee.chapters?[index]?.pointee else { return nil }
            let base = chapter.time_base
            guard base.den > 0, chapter.start >= 0 else { return nil }
            let (start, overflow) = chapter.start.multipliedReportingOverflow(by: Int64(base.num))
            guard !overflow else { return nil }
            return (MediaTime(value: start, timescale: Int64(base.den)), Self.value("title", in: chapter.metadata))
        }
    }

    private static let mostTracks = 32
    private static let mostChapters = 100

    fileprivate static func value(_ key: String, in tags: OpaquePointer?) -> String? {
        av_dict_get(tags, key, nil, 0).map { String(cString: $0.pointee.value) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension Stream {
    fileprivate var audio: AudioFacts {
        AudioFacts(
            codec: codecName, channels: Int(max(0, parameters.ch_layout.nb_channels)),
            sampleRate: Int(max(0, parameters.sample_rate)))
    }

    /// The track's title, or the name of its handler, unless muxers made that up.
    fileprivate var title: String? {
        let tags = pointer.pointee.metadata
        if let title = Container.value("title", in: tags) { return title }
        let handler = Container.value("handler_name", in: tags)
        return handler.flatMap { ["SoundHandler", "Core Media Audio"].contains($0) ? nil : $0 }
    }

    fileprivate var language: String? {
        Container.value("language", in: pointer.pointee.metadata).flatMap { $0 == "und" ? nil : $0 }
    }
}
