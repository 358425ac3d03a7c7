import ClipModel
import ConfigFiles
import FoundationEssentials
import MediaKit
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
    var thumbnails: ThumbnailRequest
    /// Bytes.
    var blockSize: Int64
    var writesBlocks: Bool
}

extension ClipOptions {
    /// Combines a pipeline's and a clip's own settings.
    init(
        clip: ClipFile, own: RequestMembers, pipeline: PipelineFile, manifestFolder: String
    ) throws(ConfigurationError) {
        self.clip = clip.name
        scid = pipeline.session.scid
        file = Path.relative(clip.path, to: manifestFolder)
        blockSize = pipeline.blocks.size.bytes
        writesBlocks = pipeline.blocks.write

        var shared = pipeline.request
        shared.thumbnailSource = pipeline.thumbnails.source
        shared.thumbnailOffset = pipeline.thumbnails.offset
        let members = own.over(shared)
        dateRecorded = members.dateRecorded

        let source = members.thumbnailSource ?? .default
        let offset = source == .default ? nil : members.thumbnailOffset
        thumbnails = ThumbnailRequest(
            offsetMilliseconds: offset ?? ThumbnailOptions.defaultOffset,
            // The default offset was nobody's choice, so a clip may well be shorter.
            whenPastEnd: offset == nil ? .lastFrame : pipeline.thumbnails.whenPastEnd,
            fit: pipeline.thumbnails.fit, quality: pipeline.thumbnails.quality)

        request = InitialUploadRequest(dateRecorded: "", durationInSeconds: 0, fileSize: 0)
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

        let values = Placeholders(path: clip.path, pipeline: pipeline.name, session: pipeline.session)
        request.userCaption = try Self.fill(members.userCaption, "userCaption", values.text)
        request.titleData = try Self.fill(members.titleData, "titleData", values.insideJSON)
    }

    private static func fill(
        _ template: Template?, _ name: String, _ value: (String) -> String?
    ) throws(ConfigurationError) -> String? {
        do throws(TemplateError) {
            return try template?.filled(value)
        } catch {
            let place = template?.place ?? Diagnostic.Place(file: "", mark: .start)
            let message = "\"\(name)\": \(error) (the session does not say it)"
            throw ConfigurationError(diagnostics: [Diagnostic(place: place, message: message)])
        }
    }
}
