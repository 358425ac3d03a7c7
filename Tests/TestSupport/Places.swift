public import Foundation

/// Where tests find their files.
public enum Places {
    /// The root of the repository.
    public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The committed sample clips.
    public static let samples = root.appending(path: "samples")

    /// The executables, which every build puts beside the test bundle.
    public static let clipship = program("clipship")
    public static let clipshipMedia = program("clipship-media")

    /// An executable of this package.
    public static func program(_ name: String) -> String {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: bundle).deletingLastPathComponent().appending(path: name).path
    }

    /// Recordings and edge cases beside the checkout, which are not part of the repository; nil where they are absent.
    public static let sharedMedia: URL? = {
        let folder = root.deletingLastPathComponent().appending(path: "shared/media")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    /// Small files beside the checkout that are hard, each in a way of its own; nil where they are absent.
    public static let sharedEdges: URL? = {
        guard let folder = sharedMedia?.appending(path: "edges") else { return nil }
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    /// The reference's own examples, beside the checkout; nil where they are absent.
    public static let protocolSamples: URL? = {
        let folder = root.deletingLastPathComponent().appending(path: "shared/protocol/samples")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    /// Below it are the folders of tests: a disk of another kind by `CLIPSHIP_TEST_FOLDER`.
    static let temporary =
        ProcessInfo.processInfo.environment["CLIPSHIP_TEST_FOLDER"].map {
            URL(filePath: $0, directoryHint: .isDirectory)
        }
        ?? FileManager.default.temporaryDirectory

    /// What a skipped test says.
    public static let sharedMediaIsAbsent = "../shared/media is not there"
}

/// Runs `body` with a new empty folder, which is removed afterwards. Fails where that can't be done: then somebody still
/// writes to it.
@discardableResult
public func withTemporaryFolder<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: (URL) async throws -> Result
) async throws -> Result {
    let folder = Places.temporary.appending(path: "clipship-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let result: Result
    do {
        result = try await body(folder)
    } catch {
        // The test has failed already.
        try? FileManager.default.removeItem(at: folder)
        throw error
    }
    // A test may have moved it.
    if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
    return result
}
