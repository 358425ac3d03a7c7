import CLinux
import ClipModel
import MediaWorker
import SQLite
import SystemIO
import Transport

/// `clipship --version`: with `--verbose` what it was made from, what it uses, and what the system gives it.
enum VersionReport {
    private static let spec = CommandSpec(
        name: "--version", summary: "", operands: "", operandCount: 0...0, flags: [.format], example: "")

    private struct Facts: Encodable {
        var clipship: String
        /// Nil for one that was built by hand.
        var commit: String?
        /// Nil where `clipship-media` can't be asked.
        var ffmpeg: MediaFeatures?
        var libcurl: String
        var sqlite: String
        /// The version of the interface; 0 where there is none.
        var landlock: Int
        var seccomp: Bool
    }

    static func show(_ words: [String], _ console: Console) async throws -> ExitCode {
        let arguments = try Arguments(words, for: spec)
        let wantsJSON = try arguments.wantsJSON()
        guard arguments.isSet(.verbose) || wantsJSON else {
            console.print("clipship \(Version.current)")
            return .success
        }
        var media: MediaFeatures?
        do { media = try await MediaFeatures.current() } catch { console.warning(error.message) }
        let commit = String(cString: clinux_commit())
        let facts = Facts(
            clipship: Version.current, commit: commit.isEmpty ? nil : commit, ffmpeg: media,
            libcurl: TransportLibrary.version, sqlite: SQLiteLibrary.version,
            landlock: max(0, Int(clinux_landlock_version())), seccomp: clinux_has_system_call_filters() == 1)
        if wantsJSON {
            console.print(try CanonicalJSON.line(facts))
            return .success
        }
        var lines = ["clipship \(facts.clipship)" + (facts.commit.map { " (\($0))" } ?? "")]
        if let media {
            let libraries = media.libraries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            lines.append("FFmpeg \(media.version): \(libraries.joined(separator: ", "))")
            lines += media.shortcomings
        }
        lines.append(facts.libcurl)
        lines.append("SQLite \(facts.sqlite)")
        lines.append(facts.landlock > 0 ? "Landlock \(facts.landlock)" : "no Landlock")
        lines.append(facts.seccomp ? "seccomp" : "no seccomp")
        console.print(lines.joined(separator: "\n"))
        return .success
    }
}
