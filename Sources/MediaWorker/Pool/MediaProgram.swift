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

    /// Where this program is; without `/proc`, how it was started.
    private static var ownPath: String? {
        // Nothing is lost: there is another way.
        if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") { return path }
        guard let path = clinux_program().map({ String(cString: $0) }), let found = realpath(path, nil) else {
            return nil
        }
        defer { free(found) }
        return String(cString: found)
    }

    private static var places: [String] {
        let folder = Path.parent(of: ownPath ?? "/")
        return [name, "../libexec/clipship/\(name)"].map { Path.resolve($0, below: folder) }
    }
}
