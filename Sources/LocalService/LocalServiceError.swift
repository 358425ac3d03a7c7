import Glibc
public import SQLite
public import SystemIO

/// Why the local service can't start.
public enum LocalServiceError: Error, Sendable {
    /// Not an IPv4 or IPv6 address, nor `localhost`.
    case badHost(String)
    /// Control calls are served to this machine only.
    case controlNeedsLoopback(host: String)
    /// The port is taken, or may not be used; `code` is the C library's error number.
    case cannotListen(host: String, port: UInt16, code: Int32)
    /// The token file can't be used.
    case badTokens(path: String, reason: String)
    /// The certificate for TLS can't be used.
    case badCertificate(path: String, reason: String)
    /// Another service uses the data folder.
    case inUse(folder: String)
    case file(FileError)
    case database(SQLiteError)
    /// The data folder is from a newer version.
    case schema(SchemaError)
    /// A service is started once.
    case startedBefore
    /// Anything else, in words.
    case other(String)
}

extension LocalServiceError: CustomStringConvertible {
    /// One sentence.
    public var description: String {
        switch self {
        case .badHost(let host):
            "can't listen on \"\(host)\": it is not an IP address of this machine"
        case .controlNeedsLoopback(let host):
            "control calls need no token, so they are served on a loopback address only, such as 127.0.0.1, not on "
                + host
        case .cannotListen(let host, let port, let code):
            "can't listen on \(host), port \(port): \(Errno(code))"
        case .badTokens(let path, let reason):
            "the token file \(path) can't be used: \(reason)"
        case .badCertificate(let path, let reason):
            "the certificate \(path) can't be used: \(reason)"
        case .inUse(let folder):
            "another local service uses the data folder \(folder)"
        case .file(let error): error.description
        case .database(let error): error.description
        case .schema(let error): error.description
        case .startedBefore: "the local service was started before"
        case .other(let reason): reason
        }
    }
}

extension LocalServiceError {
    /// Runs `body` and gives its errors as ours.
    static func wrapping<Value: ~Copyable>(_ body: () throws -> Value) throws(LocalServiceError) -> Value {
        do {
            return try body()
        } catch let error as LocalServiceError {
            throw error
        } catch let error as FileError {
            throw .file(error)
        } catch let error as SQLiteError {
            throw .database(error)
        } catch let error as SchemaError {
            throw .schema(error)
        } catch {
            throw .other("\(error)")
        }
    }

    /// Keeps other services out of the data folder.
    static func locking(_ folders: Folders) throws(LocalServiceError) -> FileLock {
        do throws(FileLockError) {
            return try FileLock(folders.lock, holder: "process \(getpid())")
        } catch {
            switch error {
            case .held: throw .inUse(folder: folders.root)
            case .file(let error): throw .file(error)
            case .digest(let error): throw .other("\(error)")
            }
        }
    }
}
