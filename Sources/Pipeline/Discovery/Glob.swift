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

    /// What matches a pattern, and what could not be looked at.
    struct Matches {
        /// Unsorted.
        var files: [String] = []
        /// Of folders that can't be listed or entered, and of files that can't be reached.
        var errors: [FileError] = []
        /// Links to folders, which `**` does not follow.
        var linkedFolders: [String] = []
        /// Upper and lower case count as the same.
        var ignoresCase = false
    }

    /// Why a pattern may match nothing; nil where there is no guess.
    static func hint(_ pattern: String) -> String? {
        var found = Matches()
        found.ignoresCase = true
        walk("", pattern.split(separator: "/").map(String.init)[...], into: &found)
        if let file = found.files.min() {
            let count = found.files.count == 1 ? "one file does" : "\(found.files.count) files do"
            return "\(count) but for upper and lower case, such as \(Path.name(of: file))"
        }
        return found.linkedFolders.min().map {
            "\(Path.shown($0)) is a symbolic link to a folder, which ** does not follow"
        }
    }

    /// Looks for what matches an absolute pattern.
    static func matches(_ pattern: String) -> Matches {
        var found = Matches()
        walk("", parts(of: pattern)[...], into: &found)
        return found
    }

    /// The folder that a pattern starts from: everything before its first component with a wildcard.
    static func base(of pattern: String) -> String {
        let parts = parts(of: pattern)
        let fixed = parts.dropLast().prefix { !hasWildcard($0) }
        return "/" + fixed.joined(separator: "/")
    }

    /// By bytes: to Swift a slash and an accent at the start of a name are one character.
    private static func parts(of pattern: String) -> [String] {
        pattern.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    }

    private static func hasWildcard(_ part: String) -> Bool {
        part.contains { "*?[\\".contains($0) }
    }

    /// `entries` are those of `folder` where they are known already.
    private static func walk(
        _ folder: String, _ parts: ArraySlice<String>, entries: [Folder.Entry]? = nil, into found: inout Matches
    ) {
        guard let part = parts.first else { return }
        let rest = parts.dropFirst()
        if part == "**" {
            let entries = entries ?? list(folder, into: &found)
            walk(folder, rest, entries: entries, into: &found)
            for entry in entries where !entry.name.hasPrefix(".") {
                let path = "\(folder)/\(entry.name)"
                if entry.isFolder ?? isFolder(path, follow: false, into: &found) {
                    walk(path, parts, into: &found)
                } else if found.ignoresCase, entry.isFolder == nil, isFolder(path, follow: true, into: &found) {
                    found.linkedFolders.append(path)
                }
            }
        } else if !hasWildcard(part) {
            let path = "\(folder)/\(part)"
            if !rest.isEmpty {
                walk(path, rest, into: &found)
            } else if isThere(path, into: &found) {
                found.files.append(path)
            }
        } else {
            for entry in entries ?? list(folder, into: &found) where fits(entry.name, part, found) {
                let path = "\(folder)/\(entry.name)"
                if rest.isEmpty {
                    found.files.append(path)
                } else if entry.isFolder ?? isFolder(path, follow: true, into: &found) {
                    walk(path, rest, into: &found)
                }
            }
        }
    }

    private static func fits(_ name: String, _ part: String, _ found: Matches) -> Bool {
        // FNM_CASEFOLD, which is GNU's.
        let flags = FNM_PERIOD | (found.ignoresCase ? 1 << 4 : 0)
        return Path.withBytes(part) { part in Path.withBytes(name) { fnmatch(part, $0, flags) } } == 0
    }

    private static func list(_ folder: String, into found: inout Matches) -> [Folder.Entry] {
        do throws(FileError) {
            return try Folder.entries(in: folder.isEmpty ? "/" : folder)
        } catch {
            note(error, into: &found)
            return []
        }
    }

    /// A link that leads nowhere is there, too: whoever opens it says so (`lstat`).
    private static func isThere(_ path: String, into found: inout Matches) -> Bool {
        Blocking.note("look at \(path)")
        var info = stat()
        guard Path.withBytes(path, { lstat($0, &info) }) != 0 else { return true }
        note(FileError(operation: "look at", path: path, code: errno), into: &found)
        return false
    }

    /// `**` does not follow links, which may lead in circles.
    private static func isFolder(_ path: String, follow: Bool, into found: inout Matches) -> Bool {
        Blocking.note("look at \(path)")
        var info = stat()
        guard Path.withBytes(path, { follow ? stat($0, &info) : lstat($0, &info) }) == 0 else {
            note(FileError(operation: "look at", path: path, code: errno), into: &found)
            return false
        }
        return info.st_mode & S_IFMT == S_IFDIR
    }

    /// What isn't there does not match, which is no error. `lost+found` is the file system's own.
    private static func note(_ error: FileError, into found: inout Matches) {
        if !error.isNotFound, Path.name(of: error.path) != "lost+found" { found.errors.append(error) }
    }
}
