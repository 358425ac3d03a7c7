import CFFmpeg
import ClipModel

/// The funnel for return codes of the libraries: what is not negative is passed on, everything else becomes an error.
///
/// Throws `MediaError` of `kind`, with `doing` and `av_strerror`'s text as its sentence; lack of memory is always
/// `memoryLimit`.
@discardableResult
func check(
    _ code: Int32, _ kind: MediaError.Kind, _ doing: @autoclosure () -> String
) throws(MediaError) -> Int32 {
    guard code < 0 else { return code }
    if code == cffmpeg_AVERROR(ENOMEM) { throw .outOfMemory }
    throw MediaError(kind, "\(doing()): \(describe(code)).")
}

/// The object that a library made, or the error that says that it had no memory for it.
func check<Pointee>(_ pointer: UnsafeMutablePointer<Pointee>?) throws(MediaError) -> UnsafeMutablePointer<Pointee> {
    guard let pointer else { throw .outOfMemory }
    return pointer
}

extension MediaError {
    static let outOfMemory = MediaError(.memoryLimit, "There is not enough memory to decode the video.")
}

/// FFmpeg's words for a return code, in lower case (`av_strerror`).
private func describe(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
        guard let text = buffer.baseAddress, av_strerror(code, text, buffer.count) == 0 else {
            return "error \(code)"
        }
        return String(cString: text).lowercased()
    }
}
