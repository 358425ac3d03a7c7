import ClipModel
import FoundationEssentials
import MediaWorker
import Pipeline
import SystemIO
import XboxServices

/// `clipship check`: everything that can be wrong with a pipeline, without doing anything.
enum CheckCommand: Command {
    static let doctor = Flag(
        name: "--doctor",
        help: "look at the machine, too: sandbox, FFmpeg, output folder, token, service, clock")

    static let spec = CommandSpec(
        name: "check", summary: "Check a pipeline, its sessions and sidecars, without doing anything.",
        operands: "PIPELINE", operandCount: 1...1, flags: [doctor, .format, RunCommand.output] + Flag.tlsFlags,
        example: "clipship check pipelines/post-session.yaml --doctor")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let path = arguments.operands[0]
        // What can't be opened has no line in which there could be a mistake.
        _ = try OpenFile(path)
        var pipeline = try PipelineFile(reading: path)
        if let folder = arguments.string(RunCommand.output) { pipeline.output = Path.absolute(folder) }
        if case .remote(let remote) = pipeline.service { pipeline.service = .remote(arguments.trusting(remote)) }
        var (findings, missing) = try clips(of: pipeline, path)
        // A mistake in the files themselves was thrown by now.
        var code: ExitCode = missing.isTemporary ? .temporary : missing.fails ? .someFailed : .success
        let submits = pipeline.submit.waitFor != .nothing
        findings += await PipelineCheck.hooks(of: pipeline)
        if submits { findings += await PipelineCheck.service(of: pipeline, asks: arguments.isSet(doctor)) }
        if arguments.isSet(doctor) {
            findings += await media(console)
            findings.append(PipelineCheck.output(pipeline.output))
            if submits, case .remote(let remote) = pipeline.service,
                !findings.contains(where: { $0.outcome == .failure })
            {
                ProcessHardening.hideMemory()
                findings += await PipelineCheck.connection(
                    to: try ServiceTarget(remote), scid: pipeline.session.scid,
                    stop: SignalHandler.listening(console).signal, requests: RequestDisplay(console: console))
            }
        }
        show(findings, console)
        let kinds = findings.compactMap(\.kind)
        if kinds.contains(.notAllowed) {
            code = .notAllowed
        } else if kinds.contains(.interrupted) {
            code = .interrupted
        } else if kinds.contains(.temporary) {
            code = .temporary
        } else if code == .success, kinds.contains(.permanent) {
            code = .usage
        }
        return code
    }

    private static func clips(of pipeline: PipelineFile, _ path: String) throws -> ([CheckFinding], MissingFiles) {
        let (what, missing): (String, MissingFiles)
        if pipeline.manifests.isEmpty {
            let plan = try BatchPlan(pipeline, root: Path.parent(of: Path.absolute(path)))
            let sessions = plan.sessionCount.map { " of \($0) session\($0 == 1 ? "" : "s")" } ?? ""
            (what, missing) = ("\(plan.count) clip\(plan.count == 1 ? "" : "s")\(sessions)", plan.missing)
        } else {
            let plan = try ReadyPlan(pipeline)
            (what, missing) = ("\(plan.manifests.count) manifests", plan.missing)
        }
        let findings = [CheckFinding("pipeline", .ok, "\(path): \(what); nothing is wrong with it")]
        return (
            findings + missing.all.map { CheckFinding("clips", missing.fails ? .failure : .warning, $0.sentence) },
            missing
        )
    }

    /// Has a worker look at a file that is no clip: it has to be started and locked down for that.
    private static func media(_ console: Console) async -> [CheckFinding] {
        let missing = Locked<[String]>([])
        let pool = MediaWorkerPool(width: 1, forkServer: ClipshipProgram.forkServer) { sentence in
            missing.withLock { $0.append(sentence) }
        }
        var findings: [CheckFinding] = []
        do {
            let file = try OpenFile("/dev/null")
            _ = try await pool.examine(file, MediaRequest())
        } catch let error as MediaError where error.kind == .workerUnavailable {
            findings.append(CheckFinding("sandbox", .failure, error.message))
        } catch {
            // What is wrong with the file is not asked here.
        }
        await pool.close()
        let absent = missing.withLock { $0 }
        findings += absent.map { CheckFinding("sandbox", .warning, $0) }
        if findings.isEmpty {
            findings.append(CheckFinding("sandbox", .ok, "media is looked at with Landlock and a system call filter"))
        }
        do {
            let features = try await MediaFeatures.current()
            findings.append(CheckFinding("ffmpeg", .ok, features.sentence))
            findings += features.shortcomings.map { CheckFinding("ffmpeg", .warning, $0) }
        } catch {
            findings.append(CheckFinding("ffmpeg", .failure, Failure(error).text))
        }
        return findings
    }

    private static func show(_ findings: [CheckFinding], _ console: Console) {
        for finding in findings {
            // Nothing in it can't be written as JSON; if there were, it would be shown for people.
            if console.resultsAreJSON, let line = try? CanonicalJSON.line(finding) {
                console.print(line)
                continue
            }
            let colour = console.colour
            let outcome =
                switch finding.outcome {
                case .ok: colour.green("ok     ")
                case .warning: colour.yellow("warning")
                case .failure: colour.red("failure")
                }
            console.print("\(outcome)  \(DisplayWidth.padded(finding.check, to: 10))  \(finding.detail)")
        }
    }
}
