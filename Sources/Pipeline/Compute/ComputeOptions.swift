import ClipModel
import ConfigFiles
import Support

/// The `compute` section: a server instance for the session.
public struct ComputeOptions: Encodable, Hashable, Sendable {
    /// See `isSessionID`.
    public var session: String
    public var titleID: UInt32
    /// What to do while no instance is free.
    public var ifQueued: IfQueued = .wait
    /// How long to wait for an instance.
    public var timeout: Duration = .seconds(600)
    /// What becomes of the clips when there will be no instance.
    public var whenAborted: Otherwise = .fail
    /// What becomes of them when the time is up; the request stays queued.
    public var whenTimedOut: Otherwise = .fail

    /// What to do while no instance is free.
    public enum IfQueued: String, Encodable, Hashable, Sendable, CaseIterable {
        /// Wait for one, as long as `timeout` says.
        case wait
        /// Tell the service to abort the request.
        case abort
        /// Leave the request in the queue and go on.
        case skip
    }

    /// What becomes of the clips without an instance.
    public enum Otherwise: String, Encodable, Hashable, Sendable, CaseIterable {
        /// They are not submitted in this run.
        case fail
        /// They are submitted all the same.
        case `continue`
    }

    public init(session: String, titleID: UInt32) {
        self.session = session
        self.titleID = titleID
    }

    /// Whether text has the form of a session's name, or is a GUID, as what the service issues is.
    public static func isSessionID(_ text: String) -> Bool {
        if GUID.isValid(text) { return true }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 7 && parts[0].isEmpty && parts[1] == "serviceconfigs" && parts[3] == "sessiontemplates"
            && parts[5] == "session" && [2, 4, 6].allSatisfy { !parts[$0].isEmpty }
    }

    /// For messages.
    public static let sessionForm = "/serviceconfigs/{scid}/sessiontemplates/{template}/session/{name}, or a GUID"
}

extension ComputeOptions {
    /// - Parameter shared: What the pipeline's session says, if there is one.
    init?(_ node: YAMLNode, shared: Session?, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "\"compute\"", collector: collector)
        let own = reader.value("session", Self.sessionForm) { $0.text.flatMap { Self.isSessionID($0) ? $0 : nil } }
        let hasOwn = own != nil || reader.collector.diagnostics.contains { $0.message.hasPrefix("\"session\"") }
        let session = own ?? shared?.sessionRef.flatMap { Self.isSessionID($0) ? $0 : nil }
        let titleID = reader.integer("titleId", in: 0...Int64(UInt32.max)) ?? shared?.titleId
        let ifQueued = reader.choice("ifQueued", IfQueued.allCases.map { ($0.rawValue, $0) }) ?? .wait
        let timeout = reader.value("timeout", DurationText.expected) { $0.text.flatMap(DurationText.parse) }
        let otherwise = Otherwise.allCases.map { ($0.rawValue, $0) }
        let whenAborted = reader.choice("whenAborted", otherwise) ?? .fail
        let whenTimedOut = reader.choice("whenTimedOut", otherwise) ?? .fail
        reader.finish()
        // Anything but a mapping is reported already.
        guard case .mapping = node.content else { return nil }
        if session == nil, !hasOwn {
            collector.report(
                "\"compute\" needs session: \(Self.sessionForm), because the session has no sessionRef of that form",
                at: node.mark)
        }
        if titleID == nil {
            collector.report("\"compute\" needs titleId: N, because the session does not say it", at: node.mark)
        }
        guard let session, let titleID else { return nil }
        self.init(session: session, titleID: UInt32(clamping: titleID))
        self.ifQueued = ifQueued
        self.timeout = timeout ?? self.timeout
        self.whenAborted = whenAborted
        self.whenTimedOut = whenTimedOut
    }
}

/// The `hooks` section: commands that are run on the way.
public struct Hooks: Encodable, Hashable, Sendable {
    /// When the session has its server instance, before anything is submitted; nil for none. All are run by `/bin/sh -c`,
    /// in the folder of the file that names them.
    public var afterCompute: String?
    /// When a clip is where it will be at the end of a run.
    public var afterClip: String?
    /// At the end of a run that had something to do.
    public var afterRun: String?
    /// Behind it, where the exit code is not 0.
    public var onFailure: String?

    public init() {}

    init(_ node: YAMLNode, collector: DiagnosticCollector) {
        var reader = MappingReader(node, what: "\"hooks\"", collector: collector)
        afterCompute = reader.string("afterCompute", "a command")
        afterClip = reader.string("afterClip", "a command")
        afterRun = reader.string("afterRun", "a command")
        onFailure = reader.string("onFailure", "a command")
        reader.finish()
    }
}
