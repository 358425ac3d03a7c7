import Foundation

/// A line of a local service's request log, as far as sweeps look at it.
struct LoggedCall: Decodable, Sendable {
    var number: Int
    var method: String
    var path: String
    var route: String?
    var clip: String?
    var block: Int?
    var status: Int?
    var stored: Bool
    var complete: Bool

    /// The block of which clip; nil for other calls.
    var blockID: BlockID? {
        guard route == "block", let clip, let block else { return nil }
        return BlockID(clip: clip, block: block)
    }

    /// A block that the service took, and said so.
    var isAcknowledgedBlock: Bool {
        blockID != nil && status.map { (200..<300).contains($0) } == true
    }
}

/// One block of one upload.
struct BlockID: Hashable, Sendable {
    /// The service's id of the clip.
    var clip: String
    var block: Int
}
