/// A path as the file system knows it: two are equal if their bytes are, also where Unicode takes both for one.
public struct ExactPath: Hashable, Sendable {
    public let path: String

    public init(_ path: String) {
        self.path = path
    }

    public static func == (left: ExactPath, right: ExactPath) -> Bool {
        left.path.utf8.count == right.path.utf8.count && left.path.utf8.elementsEqual(right.path.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        var path = path
        path.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
