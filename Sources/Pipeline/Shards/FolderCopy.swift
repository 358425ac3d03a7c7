import ClipModel
import SystemIO

/// What is made of clips, from one output folder to another: files have another name in the same file system where it can
/// (`link`), for none of them is ever written to, and are copied where it can't.
struct FolderCopy {
    let source: OutputFolder
    let target: OutputFolder

    init(from source: OutputFolder, to target: OutputFolder) {
        self.source = source
        self.target = target
    }

    /// All manifests, thumbnails and blocks that are there.
    func copyMade() throws {
        let names = ["manifests", "thumbnails", "blocks"]
        for entry in try Folder.entries(in: source.path) where entry.isFolder ?? true {
            if names.contains(entry.name) {
                try copy(entry.name)
            } else if !OutputFolder.ownNames.contains(entry.name) {
                for name in names { try copy("\(entry.name)/\(name)") }
            }
        }
    }

    /// What is made of one clip.
    func copy(clip: String, withBlocks: Bool, sheet: SheetRequest?) throws {
        let session = OutputFolder.session(of: clip).map { "\($0)/" } ?? ""
        let name = OutputFolder.nameInSession(clip)
        let pictures = [source, target].map { PreparedFiles(of: clip, in: $0, blockCount: 0, sheet: sheet).pictures }
        for (made, copy) in zip(pictures[0], pictures[1]) { try DurableFile.link(made, as: copy) }
        if withBlocks { try copy("\(session)blocks/\(name)") }
        try copyFile("\(session)manifests/\(name).json")
    }

    /// A folder with all below it; what is not there is no failure.
    private func copy(_ path: String) throws {
        let entries: [Folder.Entry]
        do throws(FileError) {
            entries = try Folder.entries(in: "\(source.path)/\(path)")
        } catch {
            guard error.isNotFound else { throw error }
            return
        }
        try Folder.make("\(target.path)/\(path)")
        for entry in entries where !entry.name.hasPrefix(".") {
            if entry.isFolder == true {
                try copy("\(path)/\(entry.name)")
            } else {
                try copyFile("\(path)/\(entry.name)")
            }
        }
    }

    private func copyFile(_ path: String) throws(FileError) {
        try DurableFile.link("\(source.path)/\(path)", as: "\(target.path)/\(path)")
    }
}
