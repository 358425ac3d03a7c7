import SystemIO

/// The jobs of a plan on Slurm, as scripts for `sbatch`: an array that prepares, one that merges when that is over, and one
/// that submits what was merged.
public struct SlurmScripts: Sendable {
    /// The program, by an absolute path that is the same on all nodes.
    public var program: String
    /// The pipeline file; absolute.
    public var pipeline: String
    public var output: OutputFolder
    /// How many tasks of the array run at once.
    public var limit: Int
    /// Nil for the cluster's default.
    public var partition: String?
    /// That of whatever needs the network; nil for `partition`.
    public var submitPartition: String?
    /// Options of `sbatch` for all jobs, which go before those that are here.
    public var options: [String] = []
    /// Flags of `clipship run` for the job that submits.
    public var runFlags: [String] = []
    public var submission = Submission.afterMerge

    /// When what was prepared goes to the service.
    public enum Submission: Hashable, Sendable {
        case never
        case afterMerge
        /// In each task of the array.
        case inShards
    }

    public init(program: String, pipeline: String, output: OutputFolder, limit: Int) {
        (self.program, self.pipeline, self.output, self.limit) = (program, pipeline, output, limit)
    }

    /// How often a task is put back at most.
    private static let mostRestarts = 5

    /// Where the scripts and what the jobs print are.
    public var folder: String { "\(output.shards)/slurm" }
}

// MARK: - Scripts

extension SlurmScripts {
    /// Prepares shards.
    ///
    /// - Parameter shards: In their order.
    public func prepare(_ shards: [Int]) -> String {
        var command = "run --plan \(Self.quoted(PlanFile.path(in: output))) --shard auto"
        if submission == .inShards { command += " --submit-in-shards \(limit)" }
        return script(
            "prepare", log: "%A_%a", partition: submission == .inShards ? submitPartition ?? partition : partition,
            ["--array=\(Self.array(shards))%\(limit)", Self.warning, "--requeue"], Self.goingOn(quoted(command)))
    }

    /// Makes one output of all shards. A clip that has failed does not keep the others from being submitted, by a job that
    /// ends with 1 itself.
    public var merge: String {
        let command = quoted("merge \(Self.quoted(output.path))")
        guard submission == .afterMerge else { return script("merge", partition: partition, [], "exec \(command)\n") }
        return script("merge", partition: partition, [], "\(command)\ncode=$?\n[ \"$code\" = 1 ] || exit \"$code\"\n")
    }

    /// Submits what was merged, by one process; nil where nothing is left to be submitted.
    public var submit: String? {
        guard submission == .afterMerge else { return nil }
        let flags = runFlags.map { " \($0)" }.joined()
        let command = "run \(Self.quoted(pipeline)) --output \(Self.quoted(output.path))\(flags)"
        return script(
            "submit", partition: submitPartition ?? partition, [Self.warning, "--requeue"],
            Self.goingOn(quoted(command)))
    }

    /// Two minutes are enough for a clip to be done or left.
    private static let warning = "--signal=B:TERM@120"

    private func quoted(_ command: String) -> String { "\(Self.quoted(program)) \(command)" }

    private func script(
        _ name: String, log: String = "%j", partition: String?, _ own: [String], _ body: String
    ) -> String {
        var options = [
            "--job-name=clipship-\(name)", "--chdir=\(folder)", "--output=\(name)-\(log).log", "--open-mode=append",
            "--nodes=1", "--ntasks=1",
        ]
        options += own
        if let partition { options.append("--partition=\(partition)") }
        let lines = options.map(Self.directive) + (self.options.isEmpty ? [] : [Self.directive(self.options)])
        return "#!/bin/bash\n" + lines.map { "#SBATCH \($0)\n" }.joined() + body
    }

    /// Runs a command, hands SIGTERM on to it, and puts the task back where it has more to do, which Slurm does not do by
    /// itself. A task that was cancelled is none that runs, and stays away.
    private static func goingOn(_ command: String) -> String {
        """
        child='' stopped=''
        trap 'stopped=1; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM
        \(command) &
        child=$!
        [ -z "$stopped" ] || kill -TERM "$child" 2>/dev/null
        # A signal ends the first wait, and not the program.
        wait "$child"
        code=$?
        while kill -0 "$child" 2>/dev/null; do
            wait "$child"
            code=$?
        done
        task=$SLURM_JOB_ID
        if [ -n "${SLURM_ARRAY_JOB_ID:-}" ]; then task=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID; fi
        if { [ "$code" = 75 ] || [ "$code" = 143 ]; } && [ "${SLURM_RESTART_COUNT:-0}" -lt \(mostRestarts) ] &&
            [ "$(squeue -h -o %T -j "$task")" = RUNNING ]; then
            scontrol requeue "$task"
        fi
        exit "$code"

        """
    }
}

// MARK: - Words

extension SlurmScripts {
    /// A word of a shell.
    public static func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "'\\''"))'" }

    /// Options as `sbatch` reads them from a script: a quote or backslash counts, and `#` begins a comment.
    private static func directive(_ options: [String]) -> String { options.map(directive).joined(separator: " ") }

    private static func directive(_ option: String) -> String {
        let plain = option.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "+")...UInt8(ascii: "=")).contains(byte) && byte != UInt8(ascii: ";")
                || [UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "_")].contains(byte)
        }
        if plain, !option.isEmpty { return option }
        return "\"\(option.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }

    /// Numbers as an array has them, such as `3,7-9`.
    public static func array(_ numbers: [Int]) -> String {
        var ranges: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = ranges.last, last.upperBound == number - 1 {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}
