import Glibc
import SystemIO

/// Finds files by a pattern: `*`, `?` and `[a-z]` within a name (`fnmatch`), `**` for any number of folders.
///
/// Names that start with a dot match only a pattern that does, so that files in the making stay out.
public enum Glob {
    /// A pattern that matches this path and nothing else.
    public static func escaping(_ path: String) -> String {
        String(path.flatMap { "*?[\\".contains($0) ? ["\\", $0] : [$0] })
    }

    /// Paths that match an absolute pattern, unsorted. A folder that can't be listed holds nothing.
    static func files(matching pattern: String) -> [String] {
        var found: [String] = []
        walk("", pattern.split(separator: "/").map(String.init)[...], into: &found)
        return found
    }

    /// The folder that a pattern starts from: everything before its first component with a wildcard.
    static func base(of pattern: String) -> String {
        let parts = pattern.split(separator: "/").map(String.init)
        let fixed = parts.dropLast().prefix { !hasWildcard($0) }
        return "/" + fixed.joined(separator: "/")
    }

    private static func hasWildcard(_ part: String) -> Bool {
        part.contains { "*?[\\".contains($0) }
    }

    /// `entries` are those of `folder` where they are known already.
    private static func walk(
        _ folder: String, _ parts: ArraySlice<String>, entries: [Folder.Entry]? = nil, into found: inout [String]
    ) {
        guard let part = parts.first else { return }
        let rest = parts.dropFirst()
        if part == "**" {
            let entries = entries ?? list(folder)
            walk(folder, rest, entries: entries, into: &found)
            for entry in entries where !entry.name.hasPrefix(".") {
                let path = "\(folder)/\(entry.name)"
                if entry.isFolder ?? isFolder(path, follow: false) { walk(path, parts, into: &found) }
            }
        } else if !hasWildcard(part) {
            let path = "\(folder)/\(part)"
            if !rest.isEmpty {
                walk(path, rest, into: &found)
            } else if access(path, F_OK) == 0 {
                found.append(path)
            }
        } else {
            for entry in entries ?? list(folder) where fnmatch(part, entry.name, FNM_PERIOD) == 0 {
                let path = "\(folder)/\(entry.name)"
                if rest.isEmpty {
                    found.append(path)
                } else if entry.isFolder ?? isFolder(path, follow: true) {
                    walk(path, rest, into: &found)
                }
            }
        }
    }

    private static func list(_ folder: String) -> [Folder.Entry] {
        (try? Folder.entries(in: folder.isEmpty ? "/" : folder)) ?? []
    }

    /// `**` does not follow links, which may lead in circles.
    private static func isFolder(_ path: String, follow: Bool) -> Bool {
        var info = stat()
        let code = follow ? stat(path, &info) : lstat(path, &info)
        return code == 0 && info.st_mode & S_IFMT == S_IFDIR
    }
}
