import Glibc

/// Paths as text, without looking at the disk unless it is said.
public enum Path {
    /// Everything before the last `/`; `.` for a bare name, `/` for the root.
    public static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: slash) else { return "." }
        let parent = path[..<slash]
        return parent.isEmpty ? "/" : String(parent)
    }

    /// What comes after the last `/`.
    public static func name(of path: String) -> String {
        path.utf8.lastIndex(of: slash).map { String(path[path.utf8.index(after: $0)...]) } ?? path
    }

    /// `path` without the last `.` of its name and what follows; a leading dot is part of the name.
    public static func withoutExtension(_ path: String) -> String {
        let bytes = path.utf8
        let start = bytes.lastIndex(of: slash).map(bytes.index(after:)) ?? bytes.startIndex
        guard let dot = bytes[start...].dropFirst().lastIndex(of: UInt8(ascii: ".")) else { return path }
        return String(path[..<dot])
    }

    /// `path` below `base`, or itself if it is absolute; `.` and `..` are resolved as text.
    public static func resolve(_ path: String, below base: String) -> String {
        normalised(isAbsolute(path) ? path : "\(base)/\(path)")
    }

    /// From the root, below the current folder if it is relative.
    public static func absolute(_ path: String) -> String {
        if isAbsolute(path) { return normalised(path) }
        return currentFolder.map { resolve(path, below: $0) } ?? normalised(path)
    }

    /// From the root; nil if it has been removed or may not be looked at (`getcwd`).
    public static var currentFolder: String? {
        guard let current = getcwd(nil, 0) else { return nil }
        defer { free(current) }
        return text(current)
    }

    /// The way from one absolute folder to an absolute path, such as `../../samples/a.mp4`; both have no empty and no
    /// dotted parts. By bytes, for it is asked several times for each clip.
    public static func relative(_ path: String, to folder: String) -> String {
        var (path, folder) = (path, folder)
        return path.withUTF8 { target in
            folder.withUTF8 { base in
                let (steps, shared) = stepsUp(from: base, towards: target)
                let rest = target[shared...].drop { $0 == slash }
                if steps == 0 { return rest.isEmpty ? "." : String(decoding: rest, as: UTF8.self) }
                let up = String(repeating: "../", count: steps)
                return rest.isEmpty ? String(up.dropLast()) : up + String(decoding: rest, as: UTF8.self)
            }
        }
    }

    /// How many folders to leave, and where in `target` the part begins that both do not have in common.
    private static func stepsUp(
        from base: UnsafeBufferPointer<UInt8>, towards target: UnsafeBufferPointer<UInt8>
    ) -> (steps: Int, shared: Int) {
        var shared = 0
        var index = 0
        while index < target.count, index < base.count, target[index] == base[index] {
            index += 1
            if target[index - 1] == slash { shared = index }
        }
        let endsPart = { (text: UnsafeBufferPointer<UInt8>) in index == text.count || text[index] == slash }
        if endsPart(target), endsPart(base) { shared = index }
        let left = base[shared...].drop { $0 == slash }
        return (left.isEmpty ? 0 : 1 + left.count { $0 == slash }, shared)
    }

    private static let slash = UInt8(ascii: "/")

    /// As a person would name an absolute path: relative to the current folder if it is below it.
    public static func shown(_ path: String) -> String {
        let current = absolute(".")
        return current != "/" && path.hasPrefix(current + "/") ? String(path.dropFirst(current.count + 1)) : path
    }

    private static func isAbsolute(_ path: String) -> Bool { path.utf8.first == slash }

    private static func normalised(_ path: String) -> String {
        // Most paths are so already, and there may be many thousands.
        guard !isNormal(path) else { return path }
        var parts: [Substring] = []
        // By bytes: to Swift a slash and an accent at the start of a name are one character.
        for part in path.utf8.split(separator: slash).map({ Substring($0) }) where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !isAbsolute(path) {
                parts.append(part)
            }
        }
        let text = parts.joined(separator: "/")
        return isAbsolute(path) ? "/\(text)" : (text.isEmpty ? "." : text)
    }

    /// From the root, and no part of it is empty or begins with a dot.
    private static func isNormal(_ path: String) -> Bool {
        guard isAbsolute(path), path.utf8.last != slash else { return false }
        var before: UInt8 = 0
        for byte in path.utf8 {
            if before == slash, byte == slash || byte == UInt8(ascii: ".") { return false }
            before = byte
        }
        return true
    }
}
