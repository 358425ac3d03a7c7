/// Where a clip was submitted from; both paths are relative to the output folder.
public struct ManifestLocation: Hashable, Sendable {
    /// The manifest's.
    public var path: String
    /// The MP4's; nil where it is the one that the manifest names.
    public var file: String?

    public init(path: String, file: String?) {
        self.path = path
        self.file = file
    }
}
