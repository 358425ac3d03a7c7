import CLinux
import ClipModel
import FoundationEssentials
import Glibc
import SystemIO

/// The program that looks at media for this one, and the only one that loads FFmpeg.
enum MediaProgram {
    static let name = "clipship-media"

    /// Where it is: beside this program, or where `make install` puts it.
    static func path() throws(MediaError) -> String {
        let places = places
        guard let path = places.first(where: { access($0, X_OK) == 0 && (try? FileIdentity(of: $0).kind) == .regular })
        else {
            throw .unavailable("there is no program \(places.joined(separator: " and none ")); install clipship again")
        }
        return path
    }

    private static var places: [String] {
        let folder = Path.parent(of: ProgramPath.own ?? "/")
        return [name, "../libexec/clipship/\(name)"].map { Path.resolve($0, below: folder) }
    }
}
