import ClipModel
import ConfigFiles
import Glibc

/// How much all uploads together may take, at all times or by a timetable.
public struct Bandwidth: Encodable, Hashable, Sendable {
    /// The first that fits a time counts; where none does, there is no limit.
    var rules: [Rule]

    struct Rule: Encodable, Hashable, Sendable {
        /// 0 is Sunday; empty for every day. In order, so that equal rules have equal digests.
        var days: [Int] = []
        /// Minutes of the day, local time; an end that is not after the start is on the day after.
        var from = 0
        var to = 24 * 60
        /// Bytes a second; nil for no limit.
        var limit: Int64?
    }

    /// Bytes a second at any time; nil where it depends on the time, or there is no limit.
    var constantLimit: Int64? {
        guard rules.count == 1, let rule = rules.first, rule.days.isEmpty, (rule.from, rule.to) == (0, 24 * 60) else {
            return nil
        }
        return rule.limit
    }

    /// Bytes a second at a time (`localtime_r`); nil for no limit.
    func limit(at time: time_t = Glibc.time(nil)) -> Int64? {
        var (time, local) = (time, tm())
        localtime_r(&time, &local)
        return limit(day: Int(local.tm_wday), minute: Int(local.tm_hour) * 60 + Int(local.tm_min))
    }

    /// - Parameters:
    ///   - day: 0 is Sunday.
    ///   - minute: Of the day.
    func limit(day: Int, minute: Int) -> Int64? {
        rules.first { $0.fits(day: day, minute: minute) }?.limit
    }
}

extension Bandwidth {
    /// What each of `count` runs may take that are at work together.
    func divided(by count: Int) -> Bandwidth {
        var share = self
        for index in share.rules.indices {
            share.rules[index].limit = rules[index].limit.map { max(1, $0 / Int64(count)) }
        }
        return share
    }
}

extension Bandwidth.Rule {
    /// A time after midnight belongs to the day on which the rule's time began.
    fileprivate func fits(day: Int, minute: Int) -> Bool {
        let isOn = { (day: Int) in days.isEmpty || days.contains(day) }
        if from < to { return isOn(day) && (from..<to).contains(minute) }
        return minute >= from ? isOn(day) : minute < to && isOn((day + 6) % 7)
    }
}

// MARK: - In a pipeline file

extension Bandwidth {
    private static let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    /// A smaller one would look like a stalled transfer.
    private static let least: Int64 = 50_000
    private static let expectedLimit =
        "bytes a second from \(ByteCount(least).exactText)/s on, such as 20MB/s, or none"
    private static let expectedTime = "a time of the day such as \"08:30\""

    /// An amount, or a list of amounts with the times at which they count.
    init?(_ node: YAMLNode, collector: DiagnosticCollector) {
        guard case .sequence(let items) = node.content else {
            guard let limit = Self.limit(node) else {
                collector.report(
                    "\"bandwidth\": expected \(Self.expectedLimit), or a list of {days, from, to, limit}, found "
                        + node.found, at: node.mark)
                return nil
            }
            rules = [Rule(limit: limit)]
            return
        }
        rules = items.map { Rule($0, collector: collector) }
    }

    /// Nil for what is none; nil inside for no limit.
    fileprivate static func limit(_ node: YAMLNode) -> Int64?? {
        guard let text = node.text else { return nil }
        if text == "none" { return .some(nil) }
        guard text.hasSuffix("/s"), let amount = ByteCount(parsing: text.dropLast(2)), amount.bytes >= least else {
            return nil
        }
        return amount.bytes
    }

    fileprivate static func minute(_ node: YAMLNode) -> Int? {
        let parts = (node.text ?? "").split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ (1...2).contains($0.count) && $0.allSatisfy(\.isNumber) }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour < 24 || (hour, minute) == (24, 0)
        else { return nil }
        return hour * 60 + minute
    }
}

extension Bandwidth.Rule {
    fileprivate init(_ node: YAMLNode, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "a time of \"bandwidth\"", collector: collector)
        let names = Bandwidth.names
        let days = reader.list("days", of: "one of \(names.joined(separator: ", "))") { node in
            node.text.flatMap(names.firstIndex)
        }
        self.days = Set(days ?? []).sorted()
        from = reader.value("from", Bandwidth.expectedTime, Bandwidth.minute) ?? 0
        to = reader.value("to", Bandwidth.expectedTime, Bandwidth.minute) ?? 24 * 60
        let limit = reader.required("limit", Bandwidth.expectedLimit).flatMap {
            reader.check($0, "limit", Bandwidth.expectedLimit, Bandwidth.limit)
        }
        reader.finish()
        self.limit = limit ?? nil
    }
}
