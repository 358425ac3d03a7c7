import SQLite
import ClipModel
import ConfigFiles
import FoundationEssentials
import Journal
import LocalService
import Pipeline
import SystemIO
import XboxServices

/// An error of a command as the user sees it: what to print and how to exit. The only place where errors of a whole
/// command become text.
struct Failure: Error {
    var text: String
    var code: ExitCode
    /// The mistakes in files that `text` tells of.
    var mistakes: [Diagnostic] = []

    init(_ text: String, _ code: ExitCode) {
        self.text = text
        self.code = code
    }

    init(_ error: any Error) {
        switch error {
        case let failure as Failure:
            self = failure
        case let error as UsageError:
            let hint = error.command.map { "clipship \($0) --help" } ?? "clipship --help"
            self.init("\(error.message)\nRun \(hint) for how to call it.", .usage)
        case let error as ConfigurationError:
            let count = error.diagnostics.count
            guard !error.isTemporary else {
                self.init("nothing was done:\n\(error)", .temporary)
                return
            }
            self.init(
                "\(count == 1 ? "1 error" : "\(count) errors"), nothing was done:\n\(error)",
                .usage)
            mistakes = error.diagnostics
        case let error as PlanError:
            self.init(error)
        case let error as RunError:
            self.init(error)
        case let failure as ServiceFailure:
            self.init("\(failure)", ExitCode(failure.recovery))
        case let error as LocalServiceError:
            let isTemporary =
                switch error {
                case .inUse: true
                case .file(let error): error.isTemporary
                case .database(let error): error.isTemporary
                default: false
                }
            self.init("\(error)", isTemporary ? .temporary : .usage)
        case let error as ManifestError:
            let hint =
                switch error {
                case .file, .otherFormat, .unchecked: ""
                case .malformed: "; expected one that clipship wrote, such as out/NAME/manifests/CLIP.json"
                }
            switch error {
            case .file(let error): self.init(error, otherwise: .usage)
            case .unchecked: self.init("\(error)", .temporary)
            case .otherFormat, .malformed: self.init("\(error)\(hint)", .usage)
            }
        case let error as BatchError:
            if case .file(let error) = error {
                self.init(error, otherwise: .usage)
            } else {
                self.init("\(error)", .usage)
            }
        case let error as ShardMergeError:
            self.init("\(error)", .usage)
        case let error as ShardError:
            self.init("\(error)", error.isTemporary ? .temporary : .usage)
        case let error as PlanFileError:
            self.init("\(error)", .usage)
        case let error as ProcessNeedError:
            self.init("\(error)", .temporary)
        case let error as FileError:
            self.init(error, otherwise: .usage)
        case let error as MediaError:
            self.init(error.message, error.isTemporary ? .temporary : .someFailed)
        default:
            self.init("\(error)", .someFailed)
        }
    }

    private init(_ error: FileError, otherwise code: ExitCode) {
        self.init("\(error)", error.isTemporary ? .temporary : code)
    }

    private init(_ error: PlanError) {
        switch error {
        case .configuration(let error):
            self.init(error)
        case .journal(let path, let error):
            self.init(RunError.journal(path: path, error))
        case .digest(let error):
            self.init("\(error), by which clips of the same name are told apart", .temporary)
        case .noClips(let patterns, let missing):
            // That a pattern matches nothing is said already.
            let reasons = missing.all.filter { $0.reason != Discovery.noMatch }.map { "\n\($0.sentence)" }.joined()
            let code: ExitCode = missing.isTemporary ? .temporary : .usage
            let rest = patterns.count > 3 ? " or \(patterns.count - 3) others" : ""
            let shown = patterns.prefix(3).map(Path.shown).joined(separator: " or ")
            self.init("no file matches \(shown)\(rest)\(reasons)", code)
        case .noSuchClip(let name, let closest, let missing):
            let hint = closest.map { "; did you mean \"\($0)\"?" } ?? ""
            let reasons = missing.all.map { "\n\($0.sentence)" }.joined()
            self.init("there is no clip \"\(name)\"\(hint)\(reasons)", missing.isTemporary ? .temporary : .usage)
        }
    }

    private init(_ error: RunError) {
        switch error {
        case .outputInUse(let folder, let holder):
            self.init(
                "another clipship (\(holder)) is at work in \(Path.shown(folder)); run this again when it is done",
                .temporary)
        case .file(let error):
            self.init(error, otherwise: .usage)
        case .journal(let path, let error):
            switch error {
            case let error as SQLiteError where error.isDamaged:
                self.init(
                    "the journal \(Path.shown(path)) is damaged (\(error.reason)); it was left as it is: restore it "
                        + "from a copy, or move it away to start over", .usage)
            case let error as SQLiteError where error.isBusy:
                self.init("the journal \(Path.shown(path)) is in use; run this again later", .temporary)
            case let error as SchemaError:
                self.init("\(error)", .usage)
            case let error as SQLiteError:
                self.init("the journal \(error)", error.isTemporary ? .temporary : .usage)
            case let error as FileError:
                self.init("the journal: \(error)", error.isTemporary ? .temporary : .usage)
            default:
                self.init("the journal \(Path.shown(path)): \(error)", .temporary)
            }
        case .service(let reason):
            self.init(reason, .usage)
        case .stopped(let failure):
            self.init(failure.reason, ExitCode(failure.kind))
        }
    }
}
