import ClipModel
public import ConfigFiles
import Support

extension StatisticsTable {
    /// Reads a table from a YAML or JSON file.
    ///
    /// - Throws: `ConfigurationError` with every mistake in it.
    public init(reading path: String) throws(ConfigurationError) {
        let collector = DiagnosticCollector(file: path)
        let table = ConfigurationFile.load(path, collector: collector).map { Self($0, collector) }
        guard let table, collector.diagnostics.isEmpty else {
            throw ConfigurationError(diagnostics: collector.diagnostics)
        }
        self = table
    }

    /// The same from text that messages call `name`.
    public init(parsing text: [UInt8], name: String) throws(ConfigurationError) {
        let collector = DiagnosticCollector(file: name)
        var table = StatisticsTable()
        do throws(YAMLError) {
            table = Self(try YAMLParser.parse(text), collector)
        } catch {
            collector.report("not valid YAML: \(error.reason)", at: error.mark)
        }
        guard collector.diagnostics.isEmpty else { throw ConfigurationError(diagnostics: collector.diagnostics) }
        self = table
    }

    private init(_ node: YAMLNode, _ collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "a statistics file", collector: collector)
        unknownUsers =
            reader.choice("unknownUsers", UnknownUsers.allCases.map { ($0.rawValue, $0) }) ?? unknownUsers
        xuids = reader.choice("xuids", Form.allCases.map { ($0.rawValue, $0) }) ?? xuids
        values = reader.choice("values", Form.allCases.map { ($0.rawValue, $0) }) ?? values
        users = reader.users()
        for (scid, names) in reader.byScid("restricted") {
            guard case .sequence(let items) = names.content else {
                collector.report("expected a list of names of statistics, found \(names.found)", at: names.mark)
                continue
            }
            for item in items where item.text == nil {
                collector.report("expected the name of a statistic, found \(item.found)", at: item.mark)
            }
            restricted[scid] = Set(items.compactMap(\.text))
        }
        reader.finish()
    }
}

extension MappingReader {
    fileprivate mutating func users() -> [StatisticsTable.User] {
        guard let node = node("users") else { return [] }
        guard case .sequence(let items) = node.content else {
            collector.report("\"users\": expected a list of users, found \(node.found)", at: node.mark)
            return []
        }
        var seen: Set<Int64> = []
        return items.compactMap { item in
            guard let user = StatisticsTable.User(item, collector) else { return nil }
            guard seen.insert(user.xuid).inserted else {
                collector.report("xuid \(user.xuid) is there twice", at: item.mark)
                return nil
            }
            return user
        }
    }

    /// A mapping by service configuration; those in lower case.
    fileprivate mutating func byScid(_ name: String) -> [(scid: String, value: YAMLNode)] {
        guard let node = node(name) else { return [] }
        return collector.entries(of: node, "\"\(name)\"").compactMap { key, value in
            guard GUID.isValid(key.text ?? "") else {
                collector.report("expected a service configuration (a GUID), found \(key.found)", at: key.mark)
                return nil
            }
            return ((key.text ?? "").lowercased(), value)
        }
    }
}

extension DiagnosticCollector {
    /// The entries of a mapping whose names are the writer's own, each once.
    fileprivate func entries(of node: YAMLNode, _ what: String) -> [(key: YAMLNode, value: YAMLNode)] {
        guard case .mapping(let members) = node.content else {
            report("\(what): expected a mapping (name: value), found \(node.found)", at: node.mark)
            return []
        }
        var seen: Set<String> = []
        return members.compactMap { member in
            guard seen.insert((member.key.text ?? "").lowercased()).inserted else {
                report("\"\(member.key.text ?? "")\" is there twice", at: member.key.mark)
                return nil
            }
            return (member.key, member.value)
        }
    }
}

extension StatisticsTable.User {
    fileprivate init?(_ node: YAMLNode, _ collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "a user", collector: collector)
        let what = "a whole number from 1, as in 2533274790412952"
        let xuid = reader.required("xuid", what).flatMap { node in
            reader.check(node, "xuid", what) { node in node.text.flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil } }
        }
        let gamertag = reader.string("gamertag") ?? ""
        let scids = reader.byScid("scids").map { scid, node in
            StatisticsTable.Scid(
                scid: scid,
                statistics: collector.entries(of: node, "the statistics of \(scid)").compactMap { key, value in
                    guard let name = key.text, !name.isEmpty else {
                        collector.report("expected the name of a statistic, found \(key.found)", at: key.mark)
                        return nil
                    }
                    return StatisticsTable.Value(value, name, collector).map { StatisticsTable.Statistic(name, $0) }
                })
        }
        reader.finish()
        guard let xuid else { return nil }
        self.init(xuid: xuid, gamertag: gamertag, scids: scids)
    }
}

extension StatisticsTable.Value {
    /// A plain value has the type that it looks like; `{type: DateTime, value: ...}` says which one it is.
    fileprivate init?(_ node: YAMLNode, _ name: String, _ collector: DiagnosticCollector) {
        guard case .mapping = node.content else {
            guard let value = Self(plain: node) else {
                collector.report(
                    "\"\(name)\": expected a value or {type: ..., value: ...}, found \(node.found)", at: node.mark)
                return nil
            }
            self = value
            return
        }
        var reader = MappingReader(node, what: "\"\(name)\"", collector: collector)
        let types = ["Integer", "Double", "String", "DateTime"]
        let type = reader.required("type", MappingReader.list(types)).flatMap { node in
            reader.check(node, "type", MappingReader.list(types)) { node in types.first { $0 == node.text } }
        }
        let value = reader.required("value", "the statistic's value")
        reader.finish()
        guard let type, let value else { return nil }
        let read: Self? =
            switch type {
            case "Integer": reader.check(value, "value", "a whole number", \.integer).map(Self.integer)
            case "Double": reader.check(value, "value", "a number", \.number).map(Self.double)
            case "String": reader.check(value, "value", "text", \.text).map(Self.string)
            default:
                reader.check(value, "value", "a time such as 2025-11-08T20:15:00Z") { node in
                    node.text.flatMap { Timestamp(parsing: $0) }
                }.map(Self.dateTime)
            }
        guard let read else { return nil }
        self = read
    }

    private init?(plain node: YAMLNode) {
        if node.isNull { return nil }
        if let number = node.integer {
            self = .integer(number)
        } else if let number = node.number {
            self = .double(number)
        } else if let text = node.text {
            self = .string(text)
        } else {
            return nil
        }
    }
}
