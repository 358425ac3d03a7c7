import CFFmpeg
public import ClipModel

/// Looks at files, one request and one answer at a time; keeps what the next one can use. Belongs to one thread; several
/// may be at work at once.
public final class MediaEngine {
    private let tools: PictureTools

    /// - Parameter mapsColours: Can show HDR and wide gamuts, for which libavfilter is loaded. Without, a file that needs
    ///   that is refused with `MediaError.Kind.needsColourMapping`.
    public init(mapsColours: Bool = true) {
        tools = PictureTools(mapsColours: mapsColours)
    }

    /// Facts, and thumbnails if asked for, of the MP4 that `descriptor` is open for reading on.
    ///
    /// Blocks while it reads and decodes, so it belongs on a thread of the caller's own. Reads with `pread` and leaves
    /// the descriptor's offset where it is. Throws what the file is refused for.
    ///
    /// - Parameter progress: Called on the same thread each time that it moves on in the file, so it must be quick.
    public func examine(
        descriptor: Int32, request: MediaRequest, progress: @escaping () -> Void = {}
    ) throws(MediaError) -> MediaAnswer {
        let seconds = min(max(request.deadlineSeconds, 1), 86_400)
        let input = try FileInput(descriptor: descriptor, deadline: .seconds(seconds), progress: progress)
        let scan = try BoxScan(input)
        // What several threads make of damage depends on which is faster, and a choice is to be the same everywhere.
        let chooses = request.thumbnails?.choosesByPicture == true || request.sheet != nil
        var analysis = try ClipAnalysis(input, scan, tools, threads: chooses ? 1 : request.decoderThreads)
        return try analysis.answer(request)
    }
}
