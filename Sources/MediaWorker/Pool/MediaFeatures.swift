import FoundationEssentials
import SystemIO
public import ClipModel

/// What FFmpeg on this machine is, and can do, as `clipship-media` sees it.
public struct MediaFeatures: Codable, Hashable, Sendable {
    /// FFmpeg's own version, such as `7.1.2-0+deb13u1`.
    public var version: String
    /// Of each library, such as `libavcodec`: `61.19.101`; without those that can't be loaded.
    public var libraries: [String: String]
    /// Of each codec that recorders write, whether there is a decoder for it.
    public var decoders: [String: Bool]

    package init(version: String, libraries: [String: String], decoders: [String: Bool]) {
        self.version = version
        self.libraries = libraries
        self.decoders = decoders
    }

    /// Asks the program that belongs to this one.
    public static func current() async throws(MediaError) -> MediaFeatures {
        let program = try MediaProgram.path()
        do {
            let quoted = "'\(program.replacing("'", with: "'\\''"))'"
            let output = try await ShellCommand.output(of: "exec \(quoted) --features", limit: 30)
            return try JSONDecoder().decode(MediaFeatures.self, from: output)
        } catch {
            throw .unavailable("\(program) does not say what FFmpeg can do: \(error)")
        }
    }

    /// One sentence.
    public var sentence: String {
        let names = decoders.filter(\.value).keys.sorted().joined(separator: ", ")
        return "FFmpeg \(version); decoders for \(names)"
    }

    /// What is missing, a sentence each.
    public var shortcomings: [String] {
        let codecs = decoders.filter { !$0.value }.keys.sorted().map { "there is no decoder for \($0)" }
        return codecs
            + (libraries["libavfilter"] == nil
                ? ["libavfilter can't be loaded, which HDR and interlaced video need"] : [])
    }
}
