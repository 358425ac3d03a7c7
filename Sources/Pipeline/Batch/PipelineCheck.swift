import ClipModel
import FoundationEssentials
import Glibc
import SystemIO
import Transport
public import XboxServices

/// One thing that was looked at before anything is done.
public struct CheckFinding: Encodable, Hashable, Sendable {
    public enum Outcome: String, Encodable, Hashable, Sendable {
        case ok
        /// It works, but not as well as it could.
        case warning
        case failure
    }

    /// What was looked at.
    public var check: String
    public var outcome: Outcome
    /// One sentence.
    public var detail: String
    /// What a run would end with for it: by `permanent`, where what a person has written or set up is wrong.
    public var kind: ClipFailure.Kind?

    public init(_ check: String, _ outcome: Outcome, _ detail: String) {
        self.check = check
        self.outcome = outcome
        self.detail = detail
        kind = outcome == .failure ? .permanent : nil
    }

    /// A failure.
    init(_ check: String, _ kind: ClipFailure.Kind, _ detail: String) {
        self.init(check, .failure, detail)
        self.kind = kind
    }

    private enum CodingKeys: String, CodingKey { case check, outcome, detail }
}

/// Looks at what a pipeline needs besides its clips; changes nothing but a file in the output folder that is gone again.
public enum PipelineCheck {
    /// What can be known of a pipeline's service without a request and without running a command.
    ///
    /// - Parameter asks: The service is asked as well.
    public static func service(of pipeline: PipelineFile, asks: Bool) async -> [CheckFinding] {
        guard case .remote(let remote) = pipeline.service else {
            return [CheckFinding("service", .ok, "the local service, in this program")]
        }
        var findings: [CheckFinding] = []
        do {
            _ = try ServiceTarget(remote)
            findings.append(CheckFinding("service", .ok, remote.metadata))
        } catch {
            findings.append(CheckFinding("service", .failure, "\(error)"))
        }
        findings.append(await token(at: remote.token, asks: asks))
        return findings
    }

    private static func token(at place: TokenLocation, asks: Bool) async -> CheckFinding {
        switch place {
        case .environment(let name):
            return getenv(name).map { $0.pointee != 0 } == true
                ? CheckFinding("token", .ok, "in the environment variable \(name)")
                : CheckFinding("token", .notAllowed, "the environment variable \(name) is not set, or is empty")
        case .file(let path):
            do throws(FileError) {
                guard try FileIdentity(of: path).isReadableByOthers else {
                    _ = try OpenFile(path)
                    return CheckFinding("token", .ok, "in \(Path.shown(path))")
                }
                return CheckFinding(
                    "token", .notAllowed,
                    "\(Path.shown(path)) may be read by others than its owner; run chmod 600 on it")
            } catch {
                return CheckFinding("token", .notAllowed, "\(error)")
            }
        case .command(let line, let folder):
            if let reason = await CommandLineCheck.problem(line, in: folder) {
                return CheckFinding("token", .notAllowed, "the command \"\(line)\": \(reason)")
            }
            return CheckFinding("token", .ok, "from the command \"\(line)\"\(asks ? "" : ", which --doctor runs")")
        }
    }

    /// Whether the programs that hooks begin with are there; none is run.
    public static func hooks(of pipeline: PipelineFile) async -> [CheckFinding] {
        let hooks = pipeline.hooks
        var findings: [CheckFinding] = []
        for (name, line) in [
            ("afterCompute", hooks.afterCompute), ("afterClip", hooks.afterClip), ("afterRun", hooks.afterRun),
            ("onFailure", hooks.onFailure),
        ] {
            guard let line else { continue }
            let reason = await CommandLineCheck.problem(line, in: pipeline.folder)
            findings.append(
                CheckFinding(
                    "hooks", reason == nil ? .ok : .failure, "\(name): \(line)\(reason.map { ": \($0)" } ?? "")"))
        }
        return findings
    }

    /// Whether files can be made, put in place and locked in a folder, and how much room there is. It is made where it is
    /// missing, and gone again then.
    public static func output(_ path: String) -> CheckFinding {
        var isNew = false
        do throws(FileError) {
            do throws(FileError) {
                _ = try FileIdentity(of: path)
            } catch {
                guard error.isNotFound else { throw error }
                isNew = true
                try Folder.make(path)
            }
            defer { if isNew { Path.withBytes(path) { _ = rmdir($0) } } }
            let file = "\(path)/.clipship-check"
            try DurableFile.write(Data("check\n".utf8), to: file)
            defer { Path.withBytes(file) { _ = unlink($0) } }
            // Two programs may not use one journal at once, which needs locks.
            do throws(FileLockError) {
                _ = try FileLock(file, holder: "")
            } catch {
                guard case .file(let error) = error else { throw FileError(operation: "lock", path: file, code: EBUSY) }
                throw error
            }
            let room = try space(at: path)
            let detail = "\(Path.shown(path)): files can be made and locked; \(room) free"
            return CheckFinding("output", room.bytes < 100_000_000 ? .warning : .ok, detail)
        } catch {
            return CheckFinding("output", error.isTemporary ? .temporary : .permanent, "\(error)")
        }
    }

    private static func space(at path: String) throws(FileError) -> ByteCount {
        var info = statvfs()
        guard statvfs(path, &info) == 0 else { throw FileError(operation: "examine", path: path, code: errno) }
        let (bytes, isMore) = UInt64(info.f_bavail).multipliedReportingOverflow(by: UInt64(info.f_frsize))
        return ByteCount(isMore ? .max : Int64(clamping: bytes))
    }

    /// Asks the service for the first of the caller's clips, which needs a token that it takes, and compares clocks.
    ///
    /// - Parameter scid: Of the session; empty for all of the caller's clips.
    public static func connection(
        to target: ServiceTarget, scid: String, stop: StopSignal, requests: (any RequestObserver)? = nil
    ) async -> [CheckFinding] {
        var target = target
        // Somebody waits for it.
        target.retryTime = .seconds(5)
        do throws(RunError) {
            let date = Locked<Date?>(nil)
            var connection = try ServiceLink.Connection.network(SubmitOptions(), target.tls)
            connection.transport = DateNoting(next: connection.transport, date: date)
            let link = try ServiceLink(to: target, stop: stop, requests: requests, connection: connection)
            var query = ClipQuery()
            query.maxItems = 1
            var findings: [CheckFinding] = []
            do throws(ServiceFailure) {
                _ = try await GameClipsClient(link.session).clipPage(scid: scid.isEmpty ? nil : scid, query)
                findings.append(CheckFinding("connection", .ok, "\(target.name) answers, and takes the token"))
            } catch {
                findings.append(CheckFinding("connection", ClipFailure(error).kind, "\(error)"))
            }
            await link.close()
            if let theirs = date.withLock({ $0 }) { findings.append(clock(theirs)) }
            return findings
        } catch {
            return [CheckFinding("connection", .failure, "\(error)")]
        }
    }

    /// Tokens and certificates have times in them.
    private static func clock(_ theirs: Date) -> CheckFinding {
        let seconds = Int(Date().timeIntervalSince(theirs).rounded())
        guard abs(seconds) > 60 else { return CheckFinding("clock", .ok, "within a minute of the service's") }
        let way = seconds > 0 ? "ahead of" : "behind"
        return CheckFinding(
            "clock", .warning, "this machine's clock is \(abs(seconds)) s \(way) the service's; set it by NTP")
    }
}

/// Keeps the `Date` of answers.
private struct DateNoting: HTTPTransport {
    let next: any HTTPTransport
    let date: Locked<Date?>

    func perform(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let response = try await next.perform(request)
        if let time = response.head.headers["Date"].flatMap({ HTTPDate.parse($0) }) { date.withLock { $0 = time } }
        return response
    }
}
