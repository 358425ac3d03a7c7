import ClipModel
import Pipeline
import XboxServices

extension Flag {
    static let titleID = Flag(name: "--title-id", value: "N", help: "the title that the servers belong to")
    static let sessionID = Flag(
        name: "--session-id", value: "ID",
        help: "the session: /serviceconfigs/.../sessiontemplates/.../session/..., or a GUID")
}

/// `clipship compute allocate`: a server instance for a session, once.
enum ComputeAllocateCommand: Command {
    static let ifQueued = Flag(
        name: "--if-queued", value: "WHAT", help: "while none is free: wait (default), abort or skip (leave it queued)")
    static let timeout = Flag(name: "--timeout", value: "TIME", help: "wait so long at most (default: 10m)")

    static let spec = CommandSpec(
        name: "compute allocate", summary: "Ask for a server instance for a session, unless it has one.", operands: "",
        operandCount: 0...0,
        flags: [.titleID, .sessionID, ifQueued, timeout, .format] + Flag.serviceFlags,
        example: "clipship compute allocate --title-id 1739947423 --session-id "
            + "/serviceconfigs/00000000-0000-0012-0023-000000000070/sessiontemplates/raid/session/one "
            + "--output out/session-with-stats")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let wantsJSON = try arguments.wantsJSON()
        var options = try arguments.computeOptions()
        options.ifQueued =
            try arguments.choice(ifQueued, ComputeOptions.IfQueued.allCases.map { ($0.rawValue, $0) }) ?? .wait
        options.timeout =
            try arguments.value(timeout, DurationText.expected, DurationText.parse) ?? options.timeout
        let wanted = options
        return try await ServiceCalls.run(arguments, console) { session in
            let client = try ComputeAllocateCommand.client(session)
            let stop = StopSignal()
            let outcome = await withTaskCancellationHandler {
                await ServerRequest(wanted, client: client, journal: nil, stop: stop) { console.info($0) }.run()
            } onCancel: {
                stop.raise()
            }
            try console.show(outcome.report, asJSON: wantsJSON)
            guard let failure = outcome.failure else { return .success }
            throw Failure(failure.reason, ExitCode(failure.kind))
        }
    }

    static func client(_ session: ServiceSession) throws(Failure) -> ComputeClient {
        guard let client = ComputeClient(session) else {
            throw Failure("there is no game server management at this address", .usage)
        }
        return client
    }
}

/// `clipship compute status`: what became of a session's request.
enum ComputeStatusCommand: Command {
    static let spec = CommandSpec(
        name: "compute status", summary: "Say what became of the request for a session's server instance.",
        operands: "", operandCount: 0...0, flags: [.titleID, .sessionID, .format] + Flag.serviceFlags,
        example: "clipship compute status --title-id 1739947423 --session-id "
            + "/serviceconfigs/00000000-0000-0012-0023-000000000070/sessiontemplates/raid/session/one "
            + "--format json --output out/session-with-stats")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let wantsJSON = try arguments.wantsJSON()
        let options = try arguments.computeOptions()
        return try await ServiceCalls.run(arguments, console) { session in
            let client = try ComputeAllocateCommand.client(session)
            let found = try await client.allocationStatus(titleID: options.titleID, sessionID: options.session)
            guard let found else {
                throw Failure("no server was asked for (or it is gone): there is no such title or session", .someFailed)
            }
            if wantsJSON {
                console.print(try CanonicalJSON.line(found))
                return .success
            }
            let state = ServerReport.State(rawValue: found.status.rawValue.lowercased()) ?? .unknown
            var report = ServerReport(titleId: options.titleID, sessionId: options.session, state: state)
            report.note(found.known)
            try console.show(report, asJSON: false)
            return .success
        }
    }
}

extension Arguments {
    fileprivate func computeOptions() throws(UsageError) -> ComputeOptions {
        let titleID = try integer(.titleID, in: 0...Int64(UInt32.max))
        let session = try value(.sessionID, ComputeOptions.sessionForm) { ComputeOptions.isSessionID($0) ? $0 : nil }
        guard let titleID, let session else {
            throw UsageError("\(spec.name) needs --title-id N and --session-id ID", command: spec.name)
        }
        return ComputeOptions(session: session, titleID: UInt32(clamping: titleID))
    }
}

extension Console {
    fileprivate func show(_ report: ServerReport, asJSON: Bool) throws {
        if asJSON { return print(try CanonicalJSON.line(report)) }
        var table = Table(columns: [
            .init(title: "STATE"), .init(title: "HOST"), .init(title: "REGION"), .init(title: "PORTS"),
        ])
        let ports = report.ports.map { "\($0.name) \($0.external) -> \($0.internal)" }.joined(separator: ", ")
        table.rows.append([
            .init(report.state.rawValue), .init(report.hostName ?? "-"), .init(report.region ?? "-"), .init(ports),
        ])
        print(table.rendered(colour))
    }
}
