import FoundationEssentials
import Pipeline
import SystemIO

/// The commands of Slurm that are on this machine.
struct Slurm: Sendable {
    /// Variables that no job may see: Slurm keeps those of each job on a disk. Those of a job that this is a part of would
    /// be taken for another one's.
    private let hidden: Set<String>

    init(hiding hidden: Set<String>) {
        let own = ProcessInfo.processInfo.environment.keys.filter { $0.hasPrefix("SLURM_") && $0 != "SLURM_CONF" }
        self.hidden = hidden.union(own)
    }

    /// Scripts for `sbatch`, where they are.
    struct Files: Sendable {
        var prepare: File?
        var merge: File
        var submit: File?

        struct File: Sendable {
            var path: String
            var text: String
        }

        var all: [File] { [prepare, merge, submit].compactMap(\.self) }
    }

    /// A task of an array that waits or is at work.
    struct Task: Hashable, Sendable {
        /// The array's number.
        var job: String
        var task: Int
        /// Slurm's word, such as `PENDING`.
        var state: String
    }
}

// MARK: - Asking

extension Slurm {
    /// The highest number in an array is less (`MaxArraySize`); nil where nobody says.
    var mostTasks: Int? {
        get async {
            // Then `sbatch` says what is wrong.
            guard let text = try? await output("scontrol show config") else { return nil }
            let line = text.split(separator: "\n").first { $0.hasPrefix("MaxArraySize") }
            return line?.split(separator: "=").last.flatMap { Int($0.filter { $0 != " " }) }
        }
    }

    /// The tasks of arrays that wait or are at work.
    ///
    /// - Throws: `Failure` where `squeue` does not say.
    func tasks(of jobs: [String]) async throws -> [Task] {
        guard !jobs.isEmpty else { return [] }
        let text = try await output("squeue --me --noheader --array --format='%F %K %T'")
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 3, jobs.contains(words[0]), let task = Int(words[1]) else { return nil }
            return Task(job: words[0], task: task, state: words[2])
        }
    }
}

extension Slurm {
    /// Slurm's words for the last of the tasks of arrays, by the number of the task, such as `timeout`; none where it keeps
    /// no accounts (`sacct`).
    func pastTasks(of jobs: [String]) async -> [Int: String] {
        let line =
            "sacct --noheader --allocations --parsable2 --format=JobID,State --jobs=\(jobs.joined(separator: ",")) 2>/dev/null"
        // Most clusters that keep none say so with an error.
        guard let text = try? await output(line) else { return [:] }
        var words: [Int: String] = [:]
        for line in text.split(separator: "\n") {
            let cells = line.split(separator: "|")
            guard cells.count == 2, let task = cells[0].split(separator: "_").last.flatMap({ Int($0) }),
                let word = cells[1].split(separator: " ").first
            else { continue }
            words[task] = word.lowercased()
        }
        return words
    }
}

// MARK: - Handing over

extension Slurm {
    /// Hands all scripts to `sbatch`, or none.
    ///
    /// - Parameter earlier: Arrays for which the merging waits, too.
    func send(_ files: Files, after earlier: [String], _ console: Console) async throws -> SlurmJobs.Sent {
        var sent: [String] = []
        do {
            if let prepare = files.prepare { sent.append(try await send(prepare, [])) }
            let before = (earlier + sent).joined(separator: ":")
            let merge = try await send(files.merge, before.isEmpty ? [] : ["--dependency=afterany:\(before)"])
            var jobs = SlurmJobs.Sent(prepare: sent.first, merge: merge, submit: nil)
            sent.append(merge)
            if let submit = files.submit {
                // It goes when what it waits for has failed.
                let options = ["--dependency=afterok:\(merge)", "--kill-on-invalid-dep=yes"]
                jobs.submit = try await send(submit, options)
            }
            return jobs
        } catch {
            for job in sent.reversed() {
                // It is said, so that somebody else can.
                if (try? await output("scancel \(SlurmScripts.quoted(job))")) == nil {
                    console.error("job \(job) can't be taken back; scancel \(job) does")
                }
            }
            throw error
        }
    }

    /// The job's number.
    private func send(_ file: Files.File, _ options: [String]) async throws -> String {
        let words = options + [SlurmScripts.quoted(file.path)]
        let text = try await output("sbatch --parsable \(words.joined(separator: " "))")
        // With the cluster's name behind a semicolon where there are several.
        let job = text.split(whereSeparator: { $0 == ";" || $0.isWhitespace }).first.map(String.init) ?? ""
        guard !job.isEmpty, job.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            throw Failure("sbatch did not say the number of the job, but \"\(text)\"; see squeue --me", .temporary)
        }
        return job
    }

    /// What a command prints; its standard error is this program's.
    private func output(_ line: String) async throws -> String {
        do throws(ShellCommandError) {
            let data = try await ShellCommand.output(of: "exec \(line)", hiding: hidden, mostBytes: 64 << 20)
            return String(decoding: data, as: UTF8.self)
        } catch {
            let name = line.prefix { $0 != " " }
            // The shell's word for a program that is not there.
            if case .failed(status: 127, signal: 0) = error {
                throw Failure("there is no \(name) on this machine: run this where jobs are handed to Slurm", .usage)
            }
            throw Failure("\(name) \(error); nothing was handed to Slurm", .usage)
        }
    }
}
