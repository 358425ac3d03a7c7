import FoundationEssentials

/// Looks at a whole clip as the service's processing does: is it video, and what do its thumbnails show.
protocol ClipInspector: Sendable {
    /// Called on a thread that it may hold for seconds.
    ///
    /// - Parameter offsetMilliseconds: the time of the thumbnails; past the end, the last frame is shown.
    /// - Throws: `InspectionFailure` where the clip can't be published; anything else means that it could not be looked
    ///   at, and may be later.
    func inspect(path: String, offsetMilliseconds: Int64) throws -> ClipThumbnails
}

/// Both thumbnails of a clip, as JPEG files.
struct ClipThumbnails: Sendable {
    var large: Data
    var small: Data
}

/// Why a clip can't be published.
struct InspectionFailure: Error, Hashable, Sendable {
    var reason: String
}
