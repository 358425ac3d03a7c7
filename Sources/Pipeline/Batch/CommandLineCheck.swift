import FoundationEssentials
import Glibc
import SystemIO

/// Looks, without running anything, whether the program that a configured command line begins with is there.
enum CommandLineCheck {
    /// One sentence without the line; nil where nothing is wrong, or where only a shell can say what it runs.
    ///
    /// - Parameter folder: Where it would be run; nil for where this program is.
    static func problem(_ line: String, in folder: String?) -> String? {
        guard let program = program(of: line) else { return nil }
        guard program.contains("/") else {
            guard !ofTheShell.contains(program) else { return nil }
            let isFound = searchPath.contains {
                isProgram(Path.resolve("\($0.isEmpty ? "." : $0)/\(program)", below: folder ?? "."))
            }
            return isFound ? nil : "there is no program \(program) in the folders of PATH"
        }
        let path = Path.resolve(program, below: folder.map(Path.absolute) ?? Path.absolute("."))
        if isProgram(path) { return nil }
        do throws(FileError) {
            _ = try FileIdentity(of: path)
        } catch {
            return error.isNotFound ? "there is no file \(Path.shown(path))" : "\(error)"
        }
        return isFolder(path)
            ? "\(Path.shown(path)) is a folder" : "\(Path.shown(path)) may not be run; run chmod +x on it"
    }

    /// The first word of a line that says which program it is, behind what sets variables; nil where it has something in it
    /// that a shell replaces.
    private static func program(of line: String) -> String? {
        for word in line.split(whereSeparator: \.isWhitespace) {
            guard word.utf8.allSatisfy(isPlain) else { return nil }
            guard word.contains("=") else { return String(word) }
        }
        return nil
    }

    /// Whether a shell takes a character in a word as it is.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xff:
            true
        default: "/._-+:,@%=".utf8.contains(byte)
        }
    }

    /// What a POSIX shell does by itself, and words of its grammar.
    private static let ofTheShell: Set = [
        ".", ":", "alias", "bg", "break", "case", "cd", "command", "continue", "do", "echo", "eval", "exec", "exit",
        "export", "false", "fc", "fg", "for", "getopts", "hash", "if", "jobs", "kill", "local", "printf", "pwd", "read",
        "readonly", "return", "set", "shift", "test", "times", "trap", "true", "type", "ulimit", "umask", "unalias",
        "unset", "until", "wait", "while",
    ]

    private static var searchPath: [String] {
        // What /bin/sh takes where there is none.
        (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(
            separator: ":", omittingEmptySubsequences: false
        ).map(String.init)
    }

    /// A regular file that this user may run (`access`).
    private static func isProgram(_ path: String) -> Bool {
        Path.withBytes(path) { access($0, X_OK) } == 0 && !isFolder(path)
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return Path.withBytes(path) { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
