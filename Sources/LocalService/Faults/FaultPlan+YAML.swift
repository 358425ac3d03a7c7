import ClipModel
public import ConfigFiles

extension FaultPlan {
    /// Reads a plan from a YAML (or JSON) file.
    ///
    /// - Throws: `ConfigurationError` with every mistake in it.
    public init(reading path: String) throws(ConfigurationError) {
        let collector = DiagnosticCollector(file: path)
        let plan = ConfigurationFile.load(path, collector: collector).map { Self($0, collector: collector) }
        guard let plan, collector.diagnostics.isEmpty else {
            throw ConfigurationError(diagnostics: collector.diagnostics)
        }
        self = plan
    }

    /// The same from text that messages call `name`.
    public init(parsing text: [UInt8], name: String) throws(ConfigurationError) {
        let collector = DiagnosticCollector(file: name)
        var plan = FaultPlan()
        do throws(YAMLError) {
            plan = Self(try YAMLParser.parse(text), collector: collector)
        } catch {
            collector.report("not valid YAML: \(error.reason)", at: error.mark)
        }
        guard collector.diagnostics.isEmpty else { throw ConfigurationError(diagnostics: collector.diagnostics) }
        self = plan
    }

    private init(_ node: YAMLNode, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "a fault plan", collector: collector)
        seed = reader.integer("seed", in: 0...Int64.max).map(UInt64.init) ?? 0
        uriLifetime = reader.duration("uriLifetime")
        refreshTime = reader.duration("refreshTime")
        tokenLifetime = reader.duration("tokenLifetime")
        listLag = reader.duration("listLag") ?? .zero
        if let node = reader.node("rates") {
            var limits = MappingReader(node, what: "\"rates\"", collector: collector)
            for service in RateLimit.Service.allCases {
                rates[service] = limits.value(service.rawValue, RateLimit.expected) { node in
                    node.text.flatMap { RateLimit(parsing: $0) }
                }
            }
            limits.finish()
        }
        if let node = reader.node("rules") {
            if case .sequence(let items) = node.content {
                rules = items.map { Rule($0, collector: collector) }
            } else {
                collector.report("\"rules\": expected a list of rules, found \(node.found)", at: node.mark)
            }
        }
        reader.finish()
    }
}

extension FaultPlan.Rule {
    fileprivate init(_ node: YAMLNode, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "a rule", collector: collector)
        name = reader.string("name")
        calls = Self.calls(in: &reader)
        blocks = reader.list("block", of: "a block number (0 is the first)") { node in
            node.integer.flatMap { $0 >= 0 ? $0 : nil }
        }.map { Set($0) }
        if blocks != nil, let calls, calls != [.block] {
            collector.report("\"block\" needs calls: block, for no other call has a block number", at: node.mark)
        }
        per = reader.choice("per", FaultPlan.Counting.allCases.map { ($0.rawValue, $0) }) ?? .service
        selection = Self.selection(in: &reader)
        times = reader.integer("times", in: 1...Int64(Int32.max)).map(Int.init)
        delay = reader.duration("delay") ?? .zero
        throttle = reader.value("throttle", "an amount a second, such as 100kB/s") { node in
            node.text.flatMap { ByteRate(parsing: $0) }?.bytesPerSecond
        }
        act = Self.act(in: &reader)
        if act == nil, delay == .zero, throttle == nil {
            collector.report(
                "this rule does nothing; expected one of \(Self.acts.joined(separator: ", ")), delay or throttle",
                at: node.mark)
        }
        if let calls, !calls.contains(where: \.hasBody), act?.isMidBody == true || throttle != nil {
            let names = calls.map(\.rawValue).sorted().joined(separator: ", ")
            collector.report("midBody, stall and throttle need calls with a body; \(names) has none", at: node.mark)
        }
        reader.finish()
    }

    private static func calls(in reader: inout MappingReader) -> Set<ServiceRoute>? {
        let names = ServiceRoute.allCases.map(\.rawValue) + ["any"]
        let chosen = reader.list("calls", of: MappingReader.list(names)) { node in
            names.contains(node.text ?? "") ? node.text : nil
        }
        guard let chosen, !chosen.contains("any") else { return nil }
        return Set(chosen.compactMap { ServiceRoute(rawValue: $0) })
    }

    private static func selection(in reader: inout MappingReader) -> FaultPlan.Selection {
        let nth = reader.list("nth", of: "a number from 1") { node in
            node.integer.flatMap { $0 > 0 ? Int($0) : nil }
        }
        let every = reader.integer("every", in: 1...Int64(Int32.max))
        let probability = reader.value("probability", "a number from 0 to 1") { node in
            node.number.flatMap { (0...1).contains($0) ? $0 : nil }
        }
        let selections: [FaultPlan.Selection] = [
            nth.map { .nth(Set($0)) }, every.map { .every(Int($0)) }, probability.map { .probability($0) },
        ].compactMap(\.self)
        if selections.count > 1 {
            reader.collector.report("expected only one of nth, every and probability", at: reader.mark)
        }
        return selections.first ?? .all
    }

    private static let acts = ["status", "close", "reset", "truncateAnswer", "malformedAnswer", "stall"]

    private static func act(in reader: inout MappingReader) -> FaultPlan.Act? {
        let places = FaultPlan.FaultPoint.allCases.map { ($0.rawValue, $0) }
        let acts: [FaultPlan.Act] = [
            answer(in: &reader),
            reader.choice("close", places).map(FaultPlan.Act.close),
            reader.choice("reset", places).map(FaultPlan.Act.reset),
            reader.flag("truncateAnswer", .truncateAnswer), reader.flag("malformedAnswer", .malformedAnswer),
            reader.flag("stall", .stall),
        ].compactMap(\.self)
        if acts.count > 1 {
            reader.collector.report("expected only one of \(self.acts.joined(separator: ", "))", at: reader.mark)
        }
        return acts.first
    }

    private static func answer(in reader: inout MappingReader) -> FaultPlan.Act? {
        let status = reader.integer("status", in: 200...599)
        let seconds = reader.integer("retryAfter", in: 0...86_400, unit: " (seconds)")
        let date = reader.integer("retryAfterDate", in: 0...86_400, unit: " (seconds ahead)")
        let body = reader.string("body")
        let stored = reader.boolean("stored")
        let what = "an address, in which {target} stands for the path and query that were asked for"
        let location = reader.value("location", what) { node in
            node.text.flatMap { !$0.isEmpty && $0.utf8.allSatisfy { (0x21...0x7e).contains($0) } ? $0 : nil }
        }
        if location != nil, status.map({ !FaultPlan.redirects.contains(Int($0)) }) ?? true {
            reader.collector.report("location needs a status of \(FaultPlan.redirects)", at: reader.mark)
        }
        guard let status else {
            if seconds != nil || date != nil || body != nil || stored != nil {
                reader.collector.report("retryAfter, retryAfterDate, body and stored need a status", at: reader.mark)
            }
            return nil
        }
        if seconds != nil, date != nil {
            reader.collector.report("expected only one of retryAfter and retryAfterDate", at: reader.mark)
        }
        let retryAfter = seconds.map { .seconds(Int($0)) } ?? date.map { FaultPlan.RetryAfter.date(Int($0)) }
        return .answer(
            status: Int(status), retryAfter: retryAfter, body: body, location: location, afterEffect: stored ?? false)
    }
}

extension MappingReader {
    fileprivate mutating func duration(_ name: String) -> Duration? {
        value(name, DurationText.expected) { $0.text.flatMap(DurationText.parse) }
    }

    /// `name: true`, or `false` for as if it were not there.
    fileprivate mutating func flag(_ name: String, _ act: FaultPlan.Act) -> FaultPlan.Act? {
        boolean(name) == true ? act : nil
    }
}
