import Glibc
import SystemIO

/// Looks, without running anything, whether the program that a configured command line begins with is there.
enum CommandLineCheck {
    /// One sentence without the line; nil where nothing is wrong, or where only a shell can say what it runs.
    ///
    /// - Parameter folder: Where it would be run; nil for where this program is.
    static func problem(_ line: String, in folder: String?) async -> String? {
        guard let program = program(of: line) else { return nil }
        guard program.contains("/") else { return await problem(named: program, in: folder) }
        let path = Path.resolve(program, below: folder.map(Path.absolute) ?? Path.absolute("."))
        do throws(FileError) {
            if try FileIdentity(of: path).kind == .folder { return "\(Path.shown(path)) is a folder" }
        } catch {
            return error.isNotFound ? "there is no file \(Path.shown(path))" : "\(error)"
        }
        let mayBeRun = Path.withBytes(path) { access($0, X_OK) } == 0
        return mayBeRun ? nil : "\(Path.shown(path)) may not be run; run chmod +x on it"
    }

    /// The shell that would run it is asked: it has words of its own, and knows `PATH`.
    private static func problem(named program: String, in folder: String?) async -> String? {
        do throws(ShellCommandError) {
            _ = try await ShellCommand.output(of: "command -v -- '\(program)'", in: folder)
            return nil
        } catch .failed(_, signal: 0) {
            return "there is no program \(program) in the folders of PATH"
        } catch {
            return "the search for \(program) \(error)"
        }
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
}
