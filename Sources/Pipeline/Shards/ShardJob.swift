/// What a scheduler calls a task, and how often it has started it.
public struct ShardJob: Codable, Hashable, Sendable {
    /// The same for all lives of a task, such as `slurm 4711_3`; nil where nobody says.
    public var name: String?
    /// How often it was started before.
    public var restarts = 0

    /// What the variables of a scheduler say.
    public init(_ environment: [String: String]) {
        func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
        if let job = environment["SLURM_JOB_ID"] {
            let array = environment["SLURM_ARRAY_JOB_ID"]
            name = "slurm " + (array.map { "\($0)_\(environment["SLURM_ARRAY_TASK_ID"] ?? "")" } ?? job)
            restarts = number("SLURM_RESTART_COUNT") ?? 0
        } else if let job = environment["AWS_BATCH_JOB_ID"] {
            name = "batch \(job)"
            restarts = max(0, (number("AWS_BATCH_JOB_ATTEMPT") ?? 1) - 1)
        } else if let job = environment["PBS_JOBID"] {
            name = "pbs \(job)"
        } else if let job = environment["CLIPSHIP_JOB"] {
            name = job
            restarts = number("CLIPSHIP_RESTART") ?? 0
        }
    }

    /// The number of the shard that the variables of a scheduler name, from 1: those of AWS Batch and Kubernetes begin
    /// with 0. Nil where none does; the name of the variable where it is no such number.
    public static func shard(_ environment: [String: String]) -> Result<Int, BadIndex>? {
        let variables = [
            ("CLIPSHIP_SHARD", 0), ("SLURM_ARRAY_TASK_ID", 0), ("AWS_BATCH_JOB_ARRAY_INDEX", 1),
            ("JOB_COMPLETION_INDEX", 1), ("PBS_ARRAY_INDEX", 0),
        ]
        for (name, offset) in variables {
            guard let text = environment[name] else { continue }
            guard let number = Int(text), (0...PlanFile.mostShards).contains(number), number + offset > 0 else {
                return .failure(BadIndex(variable: name, value: text))
            }
            return .success(number + offset)
        }
        return nil
    }

    /// The variables that `shard` looks at.
    public static let variables =
        "SLURM_ARRAY_TASK_ID, AWS_BATCH_JOB_ARRAY_INDEX, JOB_COMPLETION_INDEX, PBS_ARRAY_INDEX or CLIPSHIP_SHARD"

    public struct BadIndex: Error, Hashable, Sendable {
        public var variable: String
        public var value: String
    }

    /// Whether this is a later life of the same task: whoever restarts tasks has given the other one up.
    func succeeds(_ other: ShardJob) -> Bool { name != nil && name == other.name && restarts > other.restarts }
}
