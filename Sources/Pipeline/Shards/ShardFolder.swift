public import ClipModel
import FoundationEssentials
import Support
public import SystemIO

/// Where one shard of a plan works: `owner-0001.json` and so on, one for each life of it, of which the last is the one
/// that counts; and folders of the same numbers, which are output folders.
public struct ShardFolder: Sendable {
    public let path: String
    let number: Int

    public init(of number: Int, in output: OutputFolder) {
        self.number = number
        path = "\(output.shards)/\(Self.digits(number, 3))"
    }

    func owner(_ epoch: Int) -> String { "\(path)/owner-\(Self.digits(epoch, 4)).json" }
    func work(_ number: Int) -> OutputFolder { OutputFolder("\(path)/\(Self.digits(number, 4))") }

    /// The last life; nil where there was none.
    public func lastOwner() throws -> ShardOwner? {
        guard let epoch = try epochs().max() else { return nil }
        return try read(epoch)
    }

    /// The newest folder of a life that is there as a whole; nil for none.
    func lastWork() throws -> Int? {
        for epoch in try epochs().sorted(by: >) {
            let work = try read(epoch).work
            do throws(FileError) {
                _ = try FileIdentity(of: self.work(work).path)
                return work
            } catch {
                guard error.isNotFound else { throw error }
            }
        }
        return nil
    }

    private func epochs() throws(FileError) -> [Int] {
        let names: [String]
        do throws(FileError) {
            names = try Folder.entries(in: path).map(\.name)
        } catch {
            guard error.isNotFound else { throw error }
            return []
        }
        return names.compactMap { name in
            guard name.hasPrefix("owner-"), name.hasSuffix(".json") else { return nil }
            return Int(name.dropFirst("owner-".count).dropLast(".json".count))
        }
    }

    private func read(_ epoch: Int) throws -> ShardOwner {
        let path = owner(epoch)
        let file = try OpenFile(path)
        do {
            let text = try file.contents(atMost: 1 << 16)
            let owner = try StrictJSON.decode(ShardOwner.self, from: Data(text))
            guard owner.format == ShardOwner.currentFormat, owner.epoch == epoch, owner.work > 0 else {
                throw ShardError.malformed(path: path, "it is not what its name says")
            }
            return owner
        } catch let error as StrictJSON.Failure {
            throw ShardError.malformed(path: path, error.description)
        }
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}

/// One life of a shard, as its file says.
public struct ShardOwner: Codable, Hashable, Sendable {
    static let currentFormat = "clipship-shard/1"

    var format = ShardOwner.currentFormat
    /// The digest of the plan.
    var plan: String
    /// Counts the lives of the shard, from 1.
    public var epoch: Int
    /// The number of the folder that it works in: that of an earlier life which is over for certain, or one of its own.
    var work: Int
    public var process: ProcessIdentity
    public var job: ShardJob
    public var since: Timestamp
    /// Counts signs of life.
    var beats = 0
    public var lastBeat: Timestamp
    /// How many clips have ended, by their state; nil where an older clipship wrote this.
    public var totals: [String: Int]?
    /// How it ended; nil for one that has not ended, or not in order.
    public var exitCode: Int32?

    /// Whoever it is, for messages.
    public var description: String {
        let job = job.name.map { ", \($0)" + (self.job.restarts > 0 ? " (restart \(self.job.restarts))" : "") } ?? ""
        return "process \(process.process) on \(process.host)\(job), since \(since)"
    }
}

/// Why a shard can't be worked off.
public enum ShardError: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed(path: String, String)
    /// What was handed to Slurm is not known any more.
    case malformedJobs(path: String)
    /// Somebody is at work on it.
    case held(shard: Int, by: String)
    /// It belongs to another plan.
    case ofAnotherPlan(path: String)
    /// What an earlier life has asked the service for can't be read yet.
    case unreadable(path: String, String)

    public var description: String {
        switch self {
        case .malformed(let path, let reason): "\(Path.shown(path)) is no owner file of clipship: \(reason)"
        case .malformedJobs(let path):
            "\(Path.shown(path)) does not say which jobs Slurm has; see squeue, and move it away when they are over"
        case .held(let shard, let owner):
            "shard \(shard) is being worked off (\(owner)); run this again when that is over"
        case .ofAnotherPlan(let path):
            "\(Path.shown(path)) is of another plan; move it away, or plan into another folder"
        case .unreadable(let path, let reason):
            "the journal of an earlier life, \(Path.shown(path)), can't be read yet: \(reason)"
        }
    }

    /// The same command may succeed later.
    public var isTemporary: Bool {
        switch self {
        case .held, .unreadable: true
        case .malformed, .malformedJobs, .ofAnotherPlan: false
        }
    }
}
