import ClipModel
import Glibc
import SystemIO

/// What looks at media on this machine: clipship's worker and the libraries that the system gives it. Told apart by files
/// that change with it, so that nothing is loaded or started to learn that it is another one.
public struct MediaInstallation: Hashable, Sendable {
    /// Another text where it may be another installation. It has no line feed.
    public let identity: String

    /// Of the program that belongs to this one (a few calls of `stat`).
    ///
    /// Looked at are clipship's version; `clipship-media`; the list of libraries that the system's loader keeps, which is
    /// written again whenever a library is installed (`ldconfig`); and the folders of `LD_LIBRARY_PATH`, with FFmpeg's
    /// libraries in them.
    public static var current: MediaInstallation {
        // Where there is no program, nothing can be refused either.
        let program = try? MediaProgram.path()
        let folders = getenv("LD_LIBRARY_PATH").map { String(cString: $0) } ?? ""
        return MediaInstallation(program: program, loaderCache: "/etc/ld.so.cache", libraryPath: folders)
    }

    /// - Parameters:
    ///   - program: Nil if there is none.
    ///   - libraryPath: Folders, with colons or semicolons between them.
    init(program: String?, loaderCache: String, libraryPath: String) {
        var parts = ["clipship \(Version.current)"]
        for path in [program ?? "-", loaderCache] { parts.append(Self.look(of: path)) }
        for folder in libraryPath.split(whereSeparator: { $0 == ":" || $0 == ";" }).map(String.init) {
            parts.append(Self.look(of: folder))
            // A folder that can't be listed holds nothing that could be loaded.
            let names = (try? Folder.names(in: folder)) ?? []
            for name in names where name.hasPrefix("libav") || name.hasPrefix("libsw") {
                parts.append(Self.look(of: "\(folder)/\(name)"))
            }
        }
        identity = parts.joined(separator: "|").replacing("\n", with: " ")
    }

    /// Without the inode, which differs from container to container though the image is the same.
    private static func look(of path: String) -> String {
        // What is not there, or can't be looked at, can't be loaded either.
        guard let file = try? FileIdentity(of: path) else { return "\(path) -" }
        return "\(path) \(file.size) \(file.modified)"
    }
}
