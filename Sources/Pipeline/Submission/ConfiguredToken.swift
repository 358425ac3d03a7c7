import FoundationEssentials
import Glibc
import SystemIO
import XboxServices

/// Finds the caller's token where the pipeline file says, each time again.
struct ConfiguredToken: TokenSource {
    private let place: TokenLocation
    private let pool = BlockingPool("token", width: 1)

    init(_ place: TokenLocation) {
        self.place = place
    }

    func token(replacing stale: Token?) async throws -> Token {
        let text = try await text()
        let trimmed = text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        guard let token = Token(configured: String(trimmed)) else { throw TokenError.notAToken(place) }
        return token
    }

    private func text() async throws -> String {
        switch place {
        case .environment(let name):
            guard let value = getenv(name) else { throw TokenError.notSet(name) }
            return String(cString: value)
        case .file(let path):
            return try await pool.run { () throws(TokenError) in try Self.contents(of: path) }
        case .command(let line, let folder):
            do throws(ShellCommandError) {
                return String(decoding: try await ShellCommand.output(of: line, in: folder), as: UTF8.self)
            } catch {
                // Ctrl-C on a terminal reaches the command as well; it says nothing about the token.
                if error.isInterruption { throw CancellationError() }
                throw TokenError.command(line, error)
            }
        }
    }

    /// A file that others than its owner may read is refused.
    private static func contents(of path: String) throws(TokenError) -> String {
        do throws(FileError) {
            let file = try OpenFile(path)
            guard !(try file.identity().isReadableByOthers) else {
                throw FileError(operation: "trust", path: path, code: EACCES)
            }
            return String(decoding: try file.contents(atMost: 1 << 20), as: UTF8.self)
        } catch {
            if error.operation == "trust" { throw .readableByOthers(path) }
            throw .file(error)
        }
    }
}

extension Token {
    /// A token as people keep it: by itself, or, with the user hash that statistics and game server management want, as
    /// `XBL3.0 x=<userhash>;<token>`.
    init?(configured text: String) {
        let prefix = "XBL3.0 x="
        guard text.hasPrefix(prefix) else {
            self.init(text)
            return
        }
        let parts = text.dropFirst(prefix.count).split(separator: ";", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        self.init(parts[1], userHash: parts[0])
    }
}

/// Why there is no token; never says what is in it.
enum TokenError: Error, Sendable, CustomStringConvertible {
    case notSet(String)
    case file(FileError)
    case readableByOthers(String)
    case command(String, ShellCommandError)
    case notAToken(TokenLocation)

    var description: String {
        switch self {
        case .notSet(let name): "the environment variable \(name) is not set"
        case .file(let error): error.description
        case .readableByOthers(let path):
            "\(Path.shown(path)) may be read by others than its owner; run chmod 600 on it"
        case .command(let line, let error): "the command \"\(line)\" \(error)"
        case .notAToken(.environment(let name)): "the environment variable \(name) holds no token"
        case .notAToken(.file(let path)): "\(Path.shown(path)) holds no token"
        case .notAToken(.command(let line, _)): "the command \"\(line)\" printed no token"
        }
    }
}
