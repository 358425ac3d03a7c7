import FoundationEssentials
import SystemIO

/// Tells an MP4 by its boxes.
struct MediaInspector: ClipInspector {
    func inspect(path: String, offsetMilliseconds: Int64) throws(InspectionFailure) -> ClipThumbnails {
        let start: [UInt8]
        do throws(FileError) {
            start = try OpenFile(path).bytes(in: 0..<12)
        } catch {
            throw InspectionFailure(reason: error.description)
        }
        guard start.dropFirst(4).starts(with: Array("ftyp".utf8)) else {
            throw InspectionFailure(reason: "the file is not an MP4")
        }
        return ClipThumbnails(large: Data(), small: Data())
    }
}
