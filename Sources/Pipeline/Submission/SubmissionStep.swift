import ClipModel
import Journal

/// What is next for one clip on its way to `Published`: decided from the journal alone, without any I/O.
enum SubmissionStep: Hashable, Sendable {
    /// Write down that an id is about to be asked for, then ask.
    case request
    /// An id may have been issued whose answer is lost: look at what the service has.
    case reconcile
    /// Send what the service has not acknowledged.
    case upload(blocks: [Int], thumbnails: [ThumbnailType])
    /// Ask for the clip's state until it is a final one.
    case watch
    case finished
    /// Remove what is left of an upload that is over, then begin anew.
    case startOver
    /// It will never be published, and why.
    case failed(reason: String)
}

extension SubmissionStep {
    /// Whether more is to be done for it than to ask.
    var sends: Bool {
        switch self {
        case .request, .upload, .startOver: true
        case .reconcile, .watch, .finished, .failed: false
        }
    }

    /// - Parameters:
    ///   - record: Nil for a clip that nothing was asked for yet.
    ///   - blockCount: How many blocks the clip has.
    ///   - options: What the user wants to wait for, and whether uploads that are over are begun anew.
    static func next(after record: ClipRecord?, blockCount: Int, options: SubmitOptions) -> SubmissionStep {
        guard let record else { return .request }
        switch record.state {
        case .intended:
            return .reconcile
        case .requested:
            // Without the address the id can't be used.
            guard record.uploadUri != nil else { return .reconcile }
            // The file was divided in another way when the id was asked for, so its blocks are others.
            let isDividedAsNow =
                (record.expectedBlocks ?? blockCount) == blockCount
                && record.acknowledgedBlocks.allSatisfy { (0..<blockCount).contains($0) }
            guard isDividedAsNow else { return .startOver }
            let blocks = (0..<blockCount).filter { !record.acknowledgedBlocks.contains($0) }
            let offered: [(ThumbnailType, String?)] = [
                (.large, record.largeThumbnailUri), (.small, record.smallThumbnailUri),
            ]
            let thumbnails = offered.filter { $1 != nil && !record.acknowledgedThumbnails.contains($0) }.map(\.0)
            return blocks.isEmpty && thumbnails.isEmpty ? .watch : .upload(blocks: blocks, thumbnails: thumbnails)
        case .committed:
            return options.waitFor == .uploaded ? .finished : .watch
        case .published:
            return .finished
        case .failed:
            return options.recreates ? .startOver : .failed(reason: record.reason ?? "the service will not publish it")
        }
    }
}
