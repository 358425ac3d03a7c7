import ClipModel

extension InitialUploadRequest {
    /// The limits of the services that only a whole request shows.
    func check() throws(ClipFailure) {
        if let length = userCaption.map(Self.captionLength), length > Self.longestCaption {
            throw ClipFailure(
                .permanent,
                "userCaption has \(length) characters; the service takes at most \(Self.longestCaption)")
        }
        if let titleData, titleData.utf8.count > Self.largestTitleData {
            throw ClipFailure(
                .permanent,
                "titleData has \(titleData.utf8.count) bytes; the service takes at most \(Self.largestTitleData)")
        }
    }
}
