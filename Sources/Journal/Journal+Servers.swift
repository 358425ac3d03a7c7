import SQLite
import ClipModel
import FoundationEssentials

extension Journal {
    /// What is known of a session's server instance; nil if none was asked for yet.
    public func server(titleID: UInt32, sessionID: String) throws -> ServerRecord? {
        let path = database.path
        return try database.query(
            "SELECT state, report, hook FROM server WHERE service = ? AND title = ? AND session = ?",
            [.text(service), .integer(Int64(titleID)), .text(sessionID)]
        ) { row throws(SQLiteError) in
            guard let state = ServerRecord.State(rawValue: row.text(0)) else {
                throw SQLiteError(damaged: path, reason: "a server has the state \"\(row.text(0))\"")
            }
            var record = ServerRecord(titleID: titleID, sessionID: sessionID, state: state)
            if let text = row.optionalText(1) {
                do {
                    record.report = try JSONDecoder().decode(ServerReport.self, from: Data(text.utf8))
                } catch {
                    throw SQLiteError(damaged: path, reason: "what is known of a server is \"\(text.prefix(200))\"")
                }
            }
            record.isHookDone = row.integer(2) != 0
            return record
        }.first
    }

    /// Keeps what is known of a session's server instance. With `intended` it must return before the request is sent.
    public func save(_ record: ServerRecord) throws {
        let report = try record.report.map { String(decoding: try CanonicalJSON.line($0), as: UTF8.self) }
        try database.run(
            "INSERT OR REPLACE INTO server VALUES (?, ?, ?, ?, ?, ?)",
            [
                .text(service), .integer(Int64(record.titleID)), .text(record.sessionID),
                .text(record.state.rawValue), .text(report), .integer(record.isHookDone ? 1 : 0),
            ])
    }
}
