import FoundationEssentials
import Glibc
import SystemIO

/// Operands that are in a file, one on each line, or with a zero behind each as `find -print0` writes them.
enum FileList {
    /// More is no list.
    private static let largest = 64 << 20

    /// - Parameter path: `-` for standard input.
    /// - Throws: `UsageError` for what is no list, `Failure` for one that can't be read.
    static func read(_ path: String, isZero: Bool, _ command: String) throws -> [String] {
        let name = Flag.filesFrom.name
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try path == "-" ? standardInput() : contents(of: path)
        } catch {
            throw Failure("\(name): \(error)", error.isTemporary ? .temporary : .usage)
        }
        guard bytes.count <= largest else {
            throw UsageError("\(name): \(path) has more than 64 MiB, which is no list of files", command: command)
        }
        let separator: UInt8 = isZero ? 0 : UInt8(ascii: "\n")
        var files: [String] = []
        for part in bytes.split(separator: separator) {
            guard !part.contains(0) else {
                let place = "entry \(files.count + 1) of \(path)"
                throw UsageError(
                    "\(name): \(place) has a zero in it: give -0 for a list with zeros", command: command)
            }
            files.append(Path.text(part))
        }
        return files
    }

    private static func contents(of path: String) throws(FileError) -> [UInt8] {
        let file = try OpenFile(path)
        return Array(try file.bytes(in: 0..<min(try file.identity().size, Int64(largest) + 1)))
    }

    private static func standardInput() throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= largest {
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError(operation: "read", path: "standard input", code: errno)
            }
            bytes += buffer[..<count]
        }
        return bytes
    }
}

extension Flag {
    static let filesFrom = Flag(
        name: "--files-from", value: "FILE",
        help: "take names of files from there, too, one on each line; - for standard input")
    static let zero = Flag(
        name: "--null", short: "-0", help: "with --files-from: a zero ends each name, as find -print0 writes them")

    static let lists = [filesFrom, zero]
}
