import ClipModel
import ConfigFiles
import FoundationEssentials
import SystemIO

/// Everything that one clip's manifest depends on besides the clip itself.
struct ClipOptions: Codable, Hashable, Sendable {
    var clip: String
    var scid: String
    /// The MP4, relative to the manifests' folder.
    var file: String
    /// As it will be posted, but for what only the file can tell: duration, size, blocks, time of the recording.
    var request: InitialUploadRequest
    /// Nil: from the container or the file.
    var dateRecorded: Timestamp?
    /// What the caption is made of where it has placeholders that only the file can fill; nil if it has none.
    var caption: Template?
    /// The same for the title data.
    var titleData: Template?
    var thumbnails: ThumbnailRequest
    /// Bytes.
    var blockSize: Int64
    var writesBlocks: Bool
    /// The coded video's digest is among the facts; nil if not.
    var hashesVideo: Bool?
    /// Nil for none.
    var sheet: SheetRequest?
    /// What it must be; nil for nothing.
    var checks: CheckOptions? {
        get { boxedChecks?.value }
        set { boxedChecks = newValue.map(Boxed.value) }
    }
    /// The same, outside of what holds it.
    var boxedChecks: Boxed<CheckOptions>?
    /// About values that could not be had; nil for none.
    var warnings: [String]?
    /// Why there can be no manifest; nil if there can.
    var failure: String?

    private enum CodingKeys: String, CodingKey {
        case boxedChecks = "checks"
        case clip, scid, file, request, dateRecorded, caption, titleData, thumbnails, blockSize, writesBlocks,
            hashesVideo
        case sheet, warnings, failure
    }
}

extension ClipOptions {
    /// What is said of every clip of a pipeline, whatever stands in its sidecar.
    init(of clip: ClipFile, scid: String, in pipeline: PipelineFile) {
        self.clip = clip.nameInSession
        self.scid = scid
        file = Path.relative(clip.path, to: OutputFolder(pipeline.output).manifests)
        blockSize = pipeline.blocks.size.bytes
        writesBlocks = pipeline.blocks.write
        boxedChecks = pipeline.checks.map(Boxed.value)
        hashesVideo = pipeline.videoHash ? true : nil
        sheet = pipeline.thumbnails.sheet
        thumbnails = ThumbnailRequest(
            offset: .milliseconds(ThumbnailRequest.usualOffset), whenPastEnd: .lastFrame,
            fit: pipeline.thumbnails.fit,
            quality: pipeline.thumbnails.quality)
        request = InitialUploadRequest(dateRecorded: "", durationInSeconds: 0, fileSize: 0)
    }

    /// Combines a pipeline's and a clip's own settings.
    init(
        clip: ClipFile, own: RequestMembers, pipeline: PipelineFile, statistics: StatisticValues?
    ) throws(ConfigurationError) {
        self.init(of: clip, scid: pipeline.session.scid, in: pipeline)

        var shared = pipeline.request
        shared.thumbnailSource = pipeline.thumbnails.source
        shared.thumbnailOffset = pipeline.thumbnails.offset
        let members = own.over(shared)
        dateRecorded = members.dateRecorded

        let source = members.thumbnailSource ?? .default
        let offset = source == .default ? nil : members.thumbnailOffset
        thumbnails = ThumbnailRequest(
            offset: offset ?? .milliseconds(ThumbnailRequest.usualOffset),
            skipsBlank: source != .default && pipeline.thumbnails.skipsBlank ? true : nil,
            // The default offset was nobody's choice, so a clip may well be shorter.
            whenPastEnd: offset == nil ? .lastFrame : pipeline.thumbnails.whenPastEnd,
            fit: pipeline.thumbnails.fit, quality: pipeline.thumbnails.quality)

        request.clipNameStringId = members.clipNameStringId
        request.greatestMomentId = members.greatestMomentId
        request.sessionRef = members.sessionRef ?? pipeline.session.sessionRef
        request.type = members.type ?? request.type
        request.source = members.source ?? request.source
        request.visibility = members.visibility ?? request.visibility
        request.systemProperties = members.systemProperties
        let players = pipeline.session.players.map(\.xuid)
        request.usersInSession = members.usersInSession ?? (players.isEmpty ? nil : players)
        request.savedByUser = members.savedByUser
        request.thumbnailSource = source

        let values = Placeholders(
            path: clip.path, pipeline: pipeline.name, session: pipeline.session, statistics: statistics)
        (request.userCaption, caption) = try fill(members.userCaption, "userCaption", values) { $0 }
        (request.titleData, titleData) = try fill(members.titleData, "titleData", values, as: Placeholders.escaped)
    }

    /// The text, and what is left to fill in once the file is known, if there is any.
    ///
    /// - Parameter written: How a value is written there.
    private mutating func fill(
        _ template: Template?, _ name: String, _ values: Placeholders, as written: (String) -> String?
    ) throws(ConfigurationError) -> (String?, Template?) {
        guard let template else { return (nil, nil) }
        func mistake(_ message: String) -> ConfigurationError {
            let place = template.place ?? Diagnostic.SourceLocation(file: "", mark: .start)
            return ConfigurationError(diagnostics: [Diagnostic(place: place, message: "\"\(name)\": \(message)")])
        }
        var texts: [String: String] = [:]
        let ofMedia = Set(template.placeholders.filter(MediaPlaceholder.isMeant(by:)))
        for text in template.placeholders where !ofMedia.contains(text) {
            guard let placeholder = StatisticPlaceholder(text) else {
                texts[text] = values.text(text).flatMap(written)
                continue
            }
            do throws(StatisticMistake) {
                guard let statistics = values.statistics else { throw .noSection }
                texts[text] = filled(try statistics.resolution(of: placeholder), text).flatMap(written)
            } catch {
                throw mistake("{\(text)}: \(error)")
            }
        }
        do throws(MediaPlaceholder.Mistake) {
            for text in ofMedia { _ = try MediaPlaceholder(text) }
        } catch {
            throw mistake("\(error)")
        }
        do throws(TemplateError) {
            let text = try template.filled { ofMedia.contains($0) ? "{\($0)}" : texts[$0] }
            return (text, ofMedia.isEmpty ? nil : template.filledInPart { texts[$0] })
        } catch {
            throw mistake("\(error) (the session does not say it)")
        }
    }

    private mutating func filled(_ resolution: StatisticValues.Resolution, _ placeholder: String) -> String? {
        switch resolution {
        case .text(let text, let warning):
            if let warning, !(warnings ?? []).contains(warning) { warnings = (warnings ?? []) + [warning] }
            return text
        case .failure(let reason):
            failure = failure ?? reason
            return ""
        case .unknown:
            return "{\(placeholder)}"
        }
    }
}
