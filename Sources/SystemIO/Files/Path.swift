import Glibc

/// Paths as text, without looking at the disk unless it is said.
public enum Path {
    /// Everything before the last `/`; `.` for a bare name, `/` for the root.
    public static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        let parent = path[..<slash]
        return parent.isEmpty ? "/" : String(parent)
    }

    /// What comes after the last `/`.
    public static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// `path` without the last `.` of its name and what follows; a leading dot is part of the name.
    public static func withoutExtension(_ path: String) -> String {
        let name = name(of: path)
        guard let dot = name.dropFirst().lastIndex(of: ".") else { return path }
        return String(path.dropLast(name[dot...].count))
    }

    /// `path` below `base`, or itself if it is absolute; `.` and `..` are resolved as text.
    public static func resolve(_ path: String, below base: String) -> String {
        normalised(path.hasPrefix("/") ? path : "\(base)/\(path)")
    }

    /// From the root, below the current folder if it is relative (`getcwd`).
    public static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return normalised(path) }
        guard let current = getcwd(nil, 0) else { return normalised(path) }
        defer { free(current) }
        return resolve(path, below: String(cString: current))
    }

    /// The way from one absolute folder to an absolute path, such as `../../samples/a.mp4`.
    public static func relative(_ path: String, to folder: String) -> String {
        let target = path.split(separator: "/")
        let base = folder.split(separator: "/")
        let shared = zip(target, base).prefix { $0 == $1 }.count
        let steps = Array(repeating: "..", count: base.count - shared) + target[shared...].map(String.init)
        return steps.isEmpty ? "." : steps.joined(separator: "/")
    }

    /// As a person would name an absolute path: relative to the current folder if it is below it.
    public static func shown(_ path: String) -> String {
        let current = absolute(".")
        return current != "/" && path.hasPrefix(current + "/") ? String(path.dropFirst(current.count + 1)) : path
    }

    private static func normalised(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !path.hasPrefix("/") {
                parts.append(part)
            }
        }
        let text = parts.joined(separator: "/")
        return path.hasPrefix("/") ? "/\(text)" : (text.isEmpty ? "." : text)
    }
}
