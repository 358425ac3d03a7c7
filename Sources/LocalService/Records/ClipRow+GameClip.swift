import ClipModel

extension ClipRow {
    /// `clipName`: the configuration's string id, for the service has no table of names.
    var name: String { request.clipNameStringId ?? request.greatestMomentId ?? "" }

    /// The clip as the services show it; URIs start with `base` and are there once it is published.
    func gameClip(base: String, uriLifetime: Duration?) -> WithUnknownFields<GameClip> {
        let query = downloadQuery(lifetime: uriLifetime)
        var clip = GameClip()
        clip.xuid = .string(xuid)
        clip.clipName = name
        clip.titleName = ""
        clip.gameClipId = id
        clip.state = state
        clip.dateRecorded = request.dateRecorded
        clip.lastModified = modified.description
        clip.userCaption = request.userCaption ?? ""
        clip.type = request.type
        clip.source = request.source
        clip.visibility = request.visibility
        clip.durationInSeconds = request.durationInSeconds
        clip.scid = scid
        clip.titleId = titleId
        clip.rating = rating
        clip.ratingCount = ratingCount
        clip.views = views
        clip.titleData = request.titleData ?? ""
        clip.systemProperties = request.systemProperties ?? ""
        clip.savedByUser = request.savedByUser ?? false
        // Members of the reference for which no request has a source.
        clip.achievementId = ""
        clip.gameClipLocale = ""
        clip.greatestMomentId = request.greatestMomentId ?? ""
        // Clients of the live service expect a time even so: the first that there is.
        clip.datePublished = published?.description ?? "0001-01-01T00:00:00Z"
        clip.thumbnails = []
        clip.gameClipUris = []
        if state == .published {
            clip.thumbnails = [ThumbnailType.large, .small].compactMap { thumbnail($0, base: base, query: query) }
            clip.gameClipUris = [
                WithUnknownFields(
                    GameClipUri(
                        uri: downloadURI(base: base, path: "", query: query), fileSize: Int64(request.fileSize),
                        uriType: .download,
                        expiration: expiry(lifetime: uriLifetime)?.description ?? "9999-12-31T23:59:59.9999999Z"))
            ]
        }
        return WithUnknownFields(clip, others: liveMembers)
    }

    /// Members that every recorded answer of the live service has and no page of the reference lists.
    private var liveMembers: [String: JSONValue] {
        [
            "deviceType": .string(deviceType), "clipContentAttributes": "None", "commentCount": 0, "likeCount": 0,
            "shareCount": 0, "partialViews": 0,
        ]
    }

    private func thumbnail(_ type: ThumbnailType, base: String, query: String) -> WithUnknownFields<GameClipThumbnail>?
    {
        guard let size = thumbnailSize(type) else { return nil }
        let path = type == .large ? "/thumbnails/large" : "/thumbnails/small"
        var thumbnail = GameClipThumbnail(
            uri: downloadURI(base: base, path: path, query: query), fileSize: size, thumbnailType: type)
        let picture: PictureSize = type == .large ? .largeThumbnail : .smallThumbnail
        thumbnail.width = picture.width
        thumbnail.height = picture.height
        return WithUnknownFields(thumbnail)
    }

    private func downloadURI(base: String, path: String, query: String) -> String {
        "\(base)/download/xuid(\(xuid))/\(id)/container\(path)?\(query)"
    }
}
