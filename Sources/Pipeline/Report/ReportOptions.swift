/// The `report` member: whether a run makes `report.html`, and where its pictures are.
public enum ReportOptions: String, Encodable, Hashable, Sendable, CaseIterable {
    /// No page.
    case none
    /// In the page up to 500 clips; beyond, the page links them.
    case automatic
    case inline
    case linked

    /// Clips up to which the pictures are in the page if nobody says otherwise.
    static let mostInline = 500

    func inlines(_ count: Int) -> Bool {
        self == .inline || self == .automatic && count <= Self.mostInline
    }
}
