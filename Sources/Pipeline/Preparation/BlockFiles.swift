import ClipModel
import FoundationEssentials
import SystemIO

/// A clip's blocks as files: `00000.blk`, `00001.blk`, ...
struct BlockFiles {
    let folder: String

    /// Writes every block and removes files of an earlier, longer division.
    func write(_ plan: BlockPlan, of source: OpenFile) throws(FileError) {
        try Folder.make(folder)
        DurableFile.removeLeftovers(in: folder)
        let names = (0..<plan.count).map(Self.name)
        for (index, name) in names.enumerated() {
            try DurableFile.write(to: "\(folder)/\(name)", flushesFolder: false) { (file) throws(FileError) in
                try file.append(plan[index], of: source)
            }
        }
        try Folder.flush(folder)
        for name in try Folder.names(in: folder) where name.hasSuffix(".blk") && !names.contains(name) {
            try Folder.removeFile("\(folder)/\(name)")
        }
    }

    func path(_ index: Int) -> String { "\(folder)/\(Self.name(index))" }

    private static func name(_ index: Int) -> String {
        let digits = String(index)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".blk"
    }
}
