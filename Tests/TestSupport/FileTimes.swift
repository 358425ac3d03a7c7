import Foundation

/// What the tests' folders are on.
public enum FileTimes {
    /// The time of last change of a file is set with each write to it, as `stat` says of the file system.
    public static func showWrites() async throws -> Bool {
        let result = try await run("stat", ["-f", "-c", "%T", FileManager.default.temporaryDirectory.path])
        return ["ext2/ext3", "xfs", "btrfs", "f2fs"].contains(result.outputText.trimmingCharacters(in: .newlines))
    }

    /// What a skipped test says.
    public static let showNothing = "the temporary folder is on a file system whose times may not show every write"
}
