public import ClipModel
import ConfigFiles
import FoundationEssentials

/// The members of InitialUploadRequest that a person may set, in a pipeline file's `request` or in a sidecar. A
/// member that is nil is not set.
public struct RequestMembers: Encodable, Hashable, Sendable {
    public var clipNameStringId: String?
    public var greatestMomentId: String?
    public var userCaption: Template?
    public var sessionRef: String?
    public var dateRecorded: Timestamp?
    public var type: GameClipTypes?
    public var source: GameClipSource?
    public var visibility: GameClipVisibility?
    public var titleData: Template?
    public var systemProperties: String?
    public var usersInSession: [String]?
    public var savedByUser: Bool?
    public var thumbnailSource: ThumbnailSource?
    public var thumbnailOffset: ThumbnailOffset?

    public init() {}

    /// These members, with those of `defaults` where nothing is set.
    func over(_ defaults: RequestMembers) -> RequestMembers {
        var merged = RequestMembers()
        merged.clipNameStringId = clipNameStringId ?? defaults.clipNameStringId
        merged.greatestMomentId = greatestMomentId ?? defaults.greatestMomentId
        merged.userCaption = userCaption ?? defaults.userCaption
        merged.sessionRef = sessionRef ?? defaults.sessionRef
        merged.dateRecorded = dateRecorded ?? defaults.dateRecorded
        merged.type = type ?? defaults.type
        merged.source = source ?? defaults.source
        merged.visibility = visibility ?? defaults.visibility
        merged.titleData = titleData ?? defaults.titleData
        merged.systemProperties = systemProperties ?? defaults.systemProperties
        merged.usersInSession = usersInSession ?? defaults.usersInSession
        merged.savedByUser = savedByUser ?? defaults.savedByUser
        merged.thumbnailOffset = thumbnailOffset ?? defaults.thumbnailOffset
        // An offset of the clip's own asks for the frame there, whatever the pipeline's source is.
        let asksForOffset = thumbnailOffset != nil && defaults.thumbnailSource != .upload
        merged.thumbnailSource = thumbnailSource ?? (asksForOffset ? .offset : defaults.thumbnailSource)
        return merged
    }
}

extension RequestMembers {
    /// The names of these members in the services' spelling.
    static let thumbnailMembers = ["thumbnailSource", "thumbnailOffsetMillseconds"]

    /// Reads the members from a mapping. In a pipeline file the thumbnails have a section of their own, so there they
    /// are not members of `request`.
    init(_ node: YAMLNode, what: String, withThumbnails: Bool, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: what, collector: collector)
        clipNameStringId = reader.string("clipNameStringId")
        greatestMomentId = reader.string("greatestMomentId")
        userCaption = Self.template("userCaption", in: &reader)
        sessionRef = reader.string("sessionRef")
        dateRecorded = reader.value("dateRecorded", "an ISO 8601 time with a zone such as 2026-11-21T20:15:00Z") {
            $0.text.flatMap(Timestamp.init(parsing:))
        }
        type = Self.types(in: &reader)
        source = Self.listed("source", GameClipSource.listed, except: GameClipSource.none, in: &reader)
        visibility = Self.listed("visibility", GameClipVisibility.listed, except: GameClipVisibility.none, in: &reader)
        titleData = Self.titleData(in: &reader)
        systemProperties = reader.string("systemProperties")
        usersInSession = reader.list("usersInSession", of: "an Xbox user id (decimal digits)") { node in
            node.text.flatMap { UInt64($0) == nil ? nil : $0 }
        }
        savedByUser = reader.boolean("savedByUser")
        if withThumbnails {
            thumbnailSource = Self.listed("thumbnailSource", ThumbnailSource.listed, except: nil, in: &reader)
            thumbnailOffset = reader.value("thumbnailOffsetMillseconds", ThumbnailOffset.expected) {
                $0.text.flatMap(ThumbnailOffset.init(parsing:))
            }
        }
        reader.finish()
    }

    static func listed<Value: OpenEnumeration>(
        _ name: String, _ listed: [Value], except none: Value?, in reader: inout MappingReader
    ) -> Value? {
        reader.choice(name, listed.filter { $0 != none }.map { ($0.rawValue, $0) })
    }

    private static func types(in reader: inout MappingReader) -> GameClipTypes? {
        let valid = GameClipType.listed.filter { $0 != GameClipType.none }
        let names = reader.list("type", of: MappingReader.list(valid.map(\.rawValue))) { node -> [GameClipType]? in
            guard let types = node.text.map({ GameClipTypes(parsing: $0).types }), !types.isEmpty else { return nil }
            return types.allSatisfy(valid.contains) ? types : nil
        }
        guard let types = names?.flatMap(\.self), !types.isEmpty else { return nil }
        return GameClipTypes(types)
    }

    private static func template(_ name: String, in reader: inout MappingReader) -> Template? {
        guard let node = reader.node(name), let text = reader.check(node, name, "text", \.text) else { return nil }
        return parsed(text, name, at: node.mark, collector: reader.collector)
    }

    /// Text is kept as it is; a mapping or a list is written as JSON.
    private static func titleData(in reader: inout MappingReader) -> Template? {
        guard let node = reader.node("titleData") else { return nil }
        reportUnquoted(in: node, reader.collector)
        let text = node.text ?? (try? CanonicalJSON.line(JSONValue(node))).map { String(decoding: $0, as: UTF8.self) }
        return text.flatMap { parsed($0, "titleData", at: node.mark, collector: reader.collector) }
    }

    /// To YAML `{stats.Wins}` without quotes is a mapping.
    private static func reportUnquoted(in node: YAMLNode, _ collector: DiagnosticCollector) {
        switch node.content {
        case .scalar: break
        case .sequence(let items):
            for item in items { reportUnquoted(in: item, collector) }
        case .mapping(let members):
            if members.count == 1, members[0].value.isNull, let name = members[0].key.text,
                Placeholders.names.contains(name) || StatisticPlaceholder(name) != nil
                    || MediaPlaceholder.isMeant(by: name)
            {
                collector.report("\"titleData\": a placeholder stands in quotes: \"{\(name)}\"", at: node.mark)
            }
            for member in members { reportUnquoted(in: member.value, collector) }
        }
    }

    private static func parsed(
        _ text: String, _ name: String, at mark: Mark, collector: DiagnosticCollector
    ) -> Template? {
        do throws(TemplateError) {
            var template = try Template(parsing: text)
            template.place = Diagnostic.SourceLocation(file: collector.file, mark: mark)
            for placeholder in template.placeholders where !Placeholders.names.contains(placeholder) {
                if StatisticPlaceholder(placeholder) != nil { continue }
                if MediaPlaceholder.isMeant(by: placeholder) {
                    do throws(MediaPlaceholder.Mistake) {
                        _ = try MediaPlaceholder(placeholder)
                    } catch {
                        collector.report("\"\(name)\": \(error)", at: mark)
                        return nil
                    }
                    continue
                }
                if StatisticPlaceholder.isMeant(by: placeholder) {
                    let form = StatisticPlaceholder.form
                    collector.report("\"\(name)\": {\(placeholder)} is not of the form \(form)", at: mark)
                    return nil
                }
                let guess = Suggestion.closest(to: placeholder, among: Placeholders.names)
                let hint =
                    guess.map { "did you mean {\($0)}?" } ?? "known: \(Placeholders.names.joined(separator: ", "))"
                collector.report("\"\(name)\": unknown placeholder {\(placeholder)}; \(hint)", at: mark)
                return nil
            }
            return template
        } catch {
            collector.report("\"\(name)\": \(error)", at: mark)
            return nil
        }
    }
}

extension JSONValue {
    /// A YAML value by the core schema.
    init(_ node: YAMLNode) {
        switch node.content {
        case .sequence(let items):
            self = .array(items.map(JSONValue.init))
        case .mapping(let members):
            let pairs = members.map { ($0.key.text ?? "", JSONValue($0.value)) }
            self = .object(Dictionary(pairs) { first, _ in first })
        case .scalar(let text, _):
            if node.isNull {
                self = .null
            } else if let value = node.boolean {
                self = .boolean(value)
            } else if let value = node.integer {
                self = .integer(value)
            } else if let value = node.number {
                self = .number(value)
            } else {
                self = .string(text)
            }
        }
    }
}
