import SQLite
import FoundationEssentials
import SystemIO

/// Who asks for ids from an output folder: a number that the journal keeps and that travels in each clip's marker, so that
/// several folders and machines can use one account.
enum JournalOwner {
    /// The journal's number. A journal that is a copy of another one takes a new number, and leaves the other's unfinished
    /// uploads to that one.
    static func identify(_ database: SQLiteDatabase) throws -> String {
        let here = try FolderIdentity(of: database.path)
        let known = try database.query("SELECT id, machine, path, inode FROM owner") { row throws(SQLiteError) in
            (id: row.text(0), place: FolderIdentity(machine: row.text(1), path: row.text(2), inode: row.integer(3)))
        }.first
        if let known, known.place == here { return known.id }
        if let known, known.place.hasBecome(here) {
            try database.transaction { try keep(known.id, here, in: database) }
            return known.id
        }
        let id = UUID().uuidString.lowercased()
        try database.transaction {
            if known != nil {
                try database.run("DELETE FROM clip WHERE state IN ('intended', 'requested')")
                try database.run("UPDATE clip SET own = 0")
                try database.run("DELETE FROM former")
                try database.run("DELETE FROM unanswered")
            }
            try keep(id, here, in: database)
        }
        return id
    }

    /// Those whose uploads this journal goes on with.
    static func former(_ database: SQLiteDatabase) throws -> Set<String> {
        Set(try database.query("SELECT id FROM former") { row throws(SQLiteError) in row.text(0) })
    }

    private static func keep(_ id: String, _ place: FolderIdentity, in database: SQLiteDatabase) throws {
        try database.run("DELETE FROM owner")
        try database.run(
            "INSERT INTO owner VALUES (?, ?, ?, ?)",
            [.text(id), .text(place.machine), .text(place.path), .integer(place.inode)])
    }

    /// Where a journal is.
    private struct FolderIdentity: Equatable {
        /// `/etc/machine-id`; empty where there is none.
        var machine: String
        /// Absolute.
        var path: String
        /// 0 on a disk that machines share, where it may be another one for each of them.
        var inode: Int64

        init(machine: String, path: String, inode: Int64) {
            (self.machine, self.path, self.inode) = (machine, path, inode)
        }

        init(of path: String) throws {
            self.path = Path.absolute(path)
            let file = try FileIdentity(of: path)
            inode = file.isOnSharedDisk ? 0 : Int64(bitPattern: file.inode)
            // Without it only what has moved to another file system can't be told from a copy.
            let text = try? OpenFile("/etc/machine-id").bytes(in: 0..<64)
            machine = text.map { String(decoding: $0, as: UTF8.self) }?.filter(\.isHexDigit) ?? ""
        }

        /// The same file under another name or on another machine that shares the disk, or one that was moved here from
        /// another file system, for it is not where it was any more.
        func hasBecome(_ other: FolderIdentity) -> Bool {
            let isShared = inode == 0 || other.inode == 0
            guard path != other.path else { return isShared || inode == other.inode }
            // What can't be looked at is not there.
            let left = try? FileIdentity(of: path)
            // The same folder has other paths on other machines; a copy is there beside what it is a copy of.
            if isShared { return left == nil }
            let isThere = left.map { Int64(bitPattern: $0.inode) == inode } ?? false
            if isThere, let left, let new = try? FileIdentity(of: other.path) {
                return (left.device, left.inode) == (new.device, new.inode)
            }
            return inode == other.inode || (!machine.isEmpty && machine == other.machine)
        }
    }
}
