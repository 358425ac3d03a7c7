import ClipModel
public import ConfigFiles
import Support

/// One play session: what its clips have in common.
public struct Session: Encodable, Hashable, Sendable {
    /// The service configuration id.
    public var scid: String
    public var titleId: Int64?
    /// The game's name.
    public var title: String?
    /// The game session in which the clips were recorded.
    public var sessionRef: String?
    public var players: [Player]
    /// Whose clips they are: the xuid of the caller, as a rule the player who recorded; the first player if nobody says.
    public var owner: String? {
        get { namedOwner ?? players.first?.xuid }
        set { namedOwner = newValue }
    }
    private var namedOwner: String?

    /// Somebody who played.
    public struct Player: Encodable, Hashable, Sendable {
        public var xuid: String
        public var gamertag: String?
    }

    public init(
        scid: String, titleId: Int64? = nil, title: String? = nil, sessionRef: String? = nil, players: [Player] = []
    ) {
        self.scid = scid
        self.titleId = titleId
        self.title = title
        self.sessionRef = sessionRef
        self.players = players
    }
}

extension Session {
    /// Reads a session from its own file or from the pipeline file; nil if it can't be used.
    init?(_ node: YAMLNode, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "a session", collector: collector)
        let guid = "a GUID such as 00000000-0000-0012-0023-000000000070"
        let scid = reader.required("scid", guid).flatMap {
            reader.check($0, "scid", guid) { node in node.text.flatMap { GUID.isValid($0) ? $0 : nil }
            }
        }
        titleId = reader.integer("titleId", in: 0...Int64(UInt32.max))
        title = reader.string("title")
        sessionRef = reader.string("sessionRef")
        let user = "an Xbox user id: decimal digits such as 2716903703773872"
        namedOwner = reader.value("owner", user) { node in node.text.flatMap { UInt64($0) == nil ? nil : $0 } }
        players = []
        if let node = reader.node("players") {
            if case .sequence(let items) = node.content {
                players = items.compactMap { Player($0, collector: collector) }
            } else {
                collector.report("\"players\": expected a list of players, found \(node.found)", at: node.mark)
            }
        }
        reader.finish()
        guard let scid else { return nil }
        self.scid = scid
    }
}

extension Session.Player {
    fileprivate init?(_ node: YAMLNode, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "a player", collector: collector)
        let expected = "an Xbox user id: decimal digits such as 2716903703773872"
        let xuid = reader.required("xuid", expected).flatMap {
            reader.check($0, "xuid", expected) { node in node.text.flatMap { UInt64($0) == nil ? nil : $0 } }
        }
        gamertag = reader.string("gamertag")
        reader.finish()
        guard let xuid else { return nil }
        self.xuid = xuid
    }
}

extension Session {
    /// Reads a session file.
    ///
    /// - Throws: `ConfigurationError` with every mistake in it.
    public init(reading path: String) throws(ConfigurationError) {
        let collector = DiagnosticCollector(file: path)
        let session = ConfigurationFile.load(path, collector: collector).flatMap { Session($0, collector: collector) }
        guard let session, collector.diagnostics.isEmpty else {
            throw ConfigurationError(diagnostics: collector.diagnostics)
        }
        self = session
    }
}
