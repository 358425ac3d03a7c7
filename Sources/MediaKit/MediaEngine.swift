import CFFmpeg
import ClipModel

/// Looks at one file: one request, one answer.
public enum MediaEngine {
    /// Loads what is otherwise loaded when a file needs it; for a process that will not be able to then.
    public static func loadAll() {
        Libraries.prepare
        _ = FilterLibrary.shared
    }

    /// Facts, and thumbnails if asked for, of the MP4 that `descriptor` is open for reading on.
    ///
    /// Blocks while it reads and decodes, so it belongs on a thread of the caller's own; several may run at once on
    /// different descriptors. Reads with `pread` and leaves the descriptor's offset where it is. Throws what the file
    /// is refused for.
    ///
    /// - Parameter progress: Called on the same thread each time that it moves on in the file, so it must be quick.
    public static func examine(
        descriptor: Int32, request: MediaRequest, progress: @escaping () -> Void = {}
    ) throws(MediaError) -> MediaAnswer {
        Libraries.prepare
        let seconds = min(max(request.deadlineSeconds, 1), 86_400)
        let input = try FileInput(descriptor: descriptor, deadline: .seconds(seconds), progress: progress)
        let survey = try FileSurvey(input)
        var examination = try Examination(input, survey, threads: request.decoderThreads)
        return try examination.answer(request.thumbnails)
    }
}
