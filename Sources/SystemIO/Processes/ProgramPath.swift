import CLinux
import FoundationEssentials
import Glibc

/// Where the program that runs is.
public enum ProgramPath {
    /// Absolute; without `/proc`, from how it was started. Nil where neither tells.
    public static var own: String? {
        // Nothing is lost: there is another way.
        if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") { return path }
        guard let path = clinux_program().map({ String(cString: $0) }), let found = realpath(path, nil) else {
            return nil
        }
        defer { free(found) }
        return String(cString: found)
    }
}
