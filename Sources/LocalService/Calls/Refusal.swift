import ClipModel
import Glibc
import SQLite
import SystemIO

/// Why the service says no, as a status and a sentence.
struct Refusal: Error, Hashable, Sendable {
    var status: Int
    var message: String
    /// The services' own code, where the reference has one.
    var code: Int?
    var headers: [OutgoingResponse.Header] = []
    /// Nothing is wrong with the service.
    var isPlanned = false

    init(_ status: Int, _ message: String, code: Int? = nil) {
        self.status = status
        self.message = message
        self.code = code
    }

    static func badRequest(_ message: String) -> Self { Self(400, message) }
    static func badBody(_ message: String) -> Self { Self(400, message, code: 4000) }
    static func unauthorised(_ message: String) -> Self { Self(401, message, code: 4500) }
    static func forbidden(_ message: String) -> Self { Self(403, message, code: 4500) }
    static func missingClaim(_ name: String) -> Self { .forbidden("the token has no \(name) claim") }
    static func notFound(_ message: String) -> Self { Self(404, message) }
    static func planned(_ status: Int, _ message: String) -> Self {
        var refusal = Self(status, message, code: 5000)
        refusal.isPlanned = true
        return refusal
    }

    static func notAllowed(_ method: String, _ methods: [String]) -> Self {
        var refusal = Self(405, "\(method.prefix(20)) is not allowed here")
        refusal.headers = [.init(name: "Allow", value: methods.joined(separator: ", "))]
        return refusal
    }

    /// The services' own code for a status of which nothing more is known; nil where the reference has none.
    static func code(ofStatus status: Int) -> Int? {
        switch status {
        case 401, 403: 4500
        case 503: 5300
        case 500...: 5000
        default: nil
        }
    }

    /// There will be room when somebody makes some, so that trying again soon is of no use.
    static let full = Self(507, "the service has no room left on its disk", code: 5000)

    static func gone(_ message: String) -> Self { Self(410, message) }

    /// For an error that is not the caller's: too many open files may be over soon, everything else is ours
    /// to mend.
    init(_ error: any Error) {
        switch error {
        case let refusal as Refusal:
            self = refusal
        case let error as FileError where [ENOSPC, EDQUOT].contains(error.code):
            self = .full
        case let error as SQLiteError where error.isFull:
            self = .full
        case let error as FileError where error.code == EMFILE || error.code == ENFILE:
            self.init(503, "the service is out of resources: \(error.reason)", code: 5300)
            headers = [OutgoingResponse.Header(name: "Retry-After", value: "5")]
        case let error as FileError:
            self.init(500, "the service failed to \(error.operation) a file: \(error.reason)", code: 5000)
        case let error as SQLiteError where error.isBusy:
            self.init(503, "the service's records are in use by another program", code: 5300)
            headers = [OutgoingResponse.Header(name: "Retry-After", value: "1")]
        default:
            self.init(500, "the service failed", code: 5000)
        }
    }
}
