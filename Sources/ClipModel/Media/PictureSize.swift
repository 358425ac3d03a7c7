/// Width and height of a picture in pixels.
public struct PictureSize: Hashable, Codable, Sendable {
    public var width: Int
    public var height: Int

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// The services' large thumbnail.
    public static let largeThumbnail = PictureSize(width: 856, height: 424)
    /// The services' small thumbnail.
    public static let smallThumbnail = PictureSize(width: 424, height: 208)
}

extension PictureSize: CustomStringConvertible {
    public var description: String { "\(width) x \(height)" }
}

/// How a picture of another shape fills a thumbnail.
public enum PictureFit: String, Codable, Hashable, Sendable, CaseIterable {
    /// Scaled to fill, what juts out is cropped evenly.
    case cover
    /// Scaled to fit, the rest is black.
    case contain

    /// When nobody says otherwise.
    public static let usual = cover
}
