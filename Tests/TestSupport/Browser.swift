import Foundation

/// A headless browser, where there is one.
public enum Browser {
    /// The path of a Chromium; nil where none is in PATH.
    public static let path: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
        return names.lazy.flatMap { name in folders.map { "\($0)/\(name)" } }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// A copy of axe.min.js, where `CLIPSHIP_AXE` names one; else nothing.
    public static let axe = ProcessInfo.processInfo.environment["CLIPSHIP_AXE"].map { [$0] } ?? []

    /// What a skipped test says.
    public static let isAbsent = "there is no Chromium in PATH"
}
