import SQLite
import ClipModel
import Foundation
import Journal

/// A clip as the service keeps it, whatever its lists show.
struct StoredClip: Decodable, Sendable {
    /// The order of creation.
    var sequence: Int
    var id: String
    var state: String
    /// The initial request, with what updates have changed.
    var request: [String: JSONValue]
    /// When it was published, also if it was deleted afterwards.
    var published: String?

    var isDeleted: Bool { state == "Deleted" }
    var waitsForBytes: Bool { state == "PendingUpload" }

    /// What clipship put into `systemProperties`; nil where it was something else.
    var marker: Marker? { request["systemProperties"]?.text.flatMap { Marker(parsing: $0) } }

    /// Reads all clips of a service configuration from the service's database.
    static func all(in data: URL, scid: String) throws -> [StoredClip] {
        let database = try SQLiteDatabase(path: data.appending(path: "service.db").path, mode: .reading)
        let members = "'sequence', sequence, 'id', id, 'state', state, 'request', json(request), 'published', published"
        let rows = try database.query(
            "SELECT json_object(\(members)) FROM clips WHERE scid = ? ORDER BY sequence", [.text(scid)]
        ) { row throws(SQLiteError) in row.text(0) }
        return try rows.map { try JSONDecoder().decode(StoredClip.self, from: Data($0.utf8)) }
    }
}

/// The property bag by which clipship knows its clips.
struct Marker: Decodable, Hashable, Sendable {
    /// The clip's key.
    var clipship: String
    /// The journal that asked for it.
    var owner: String?
    /// What the user put there.
    var systemProperties: String?

    init?(parsing text: String) {
        guard let marker = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else { return nil }
        self = marker
    }
}

/// A manifest and what became of it, as an output folder has them.
struct ReportedClip: Sendable {
    var clip: String
    var state: String
    var gameClipId: String?
    var key: String
    /// Of the manifest.
    var request: [String: JSONValue]
    /// The MP4.
    var file: URL

    /// Every clip of a folder's `batch.json`.
    static func all(in output: URL) throws -> [ReportedClip] {
        struct Report: Decodable {
            struct Clip: Decodable {
                var clip: String
                var state: String
                var gameClipId: String?
                var manifest: String?
            }
            var clips: [Clip]
        }
        struct Manifest: Decodable {
            struct File: Decodable { var path: String }
            var file: File
            var request: [String: JSONValue]
        }
        let report = try JSONDecoder().decode(
            Report.self, from: Data(contentsOf: output.appending(path: "batch.json")))
        return try report.clips.compactMap { clip in
            guard let path = clip.manifest else { return nil }
            let place = output.appending(path: path)
            let manifest = try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: place))
            let marker = manifest.request["systemProperties"]?.text.flatMap { Marker(parsing: $0) }
            return ReportedClip(
                clip: clip.clip, state: clip.state, gameClipId: clip.gameClipId, key: marker?.clipship ?? "",
                request: manifest.request,
                file: place.deletingLastPathComponent().appending(path: manifest.file.path).standardizedFileURL)
        }
    }
}
