import CFFmpeg
import CTurboJPEG
import ClipModel
import FoundationEssentials

/// Owns a compressor of libjpeg-turbo, which makes JPEG files as viewers expect them: full range, BT.601 matrix, 4:2:0,
/// square pixels, no metadata.
///
/// It is not FFmpeg's, whose files differ from release to release and with the processor's instructions.
final class JPEGEncoder {
    private let handle: tjhandle

    /// `tjInitCompress`
    init() throws(MediaError) {
        guard let handle = tjInitCompress() else { throw .outOfMemory }
        self.handle = handle
    }

    deinit {
        tjDestroy(handle)
    }

    /// From a picture in `AV_PIX_FMT_RGB24` (`tjCompress2`), with the slow, exact transform, which gives the same numbers
    /// with every set of instructions.
    ///
    /// - Parameter quality: 1 to 100, as libjpeg scales the quantisation tables of ISO/IEC 10918-1, annex K.
    func encode(_ picture: borrowing Frame, quality: Int) throws(MediaError) -> Data {
        var file: UnsafeMutablePointer<UInt8>?
        var count: UInt = 0
        defer { tjFree(file) }
        let frame = picture.pointer.pointee
        let code = tjCompress2(
            handle, frame.data.0, frame.width, frame.linesize.0, frame.height, Int32(TJPF_RGB.rawValue), &file, &count,
            Int32(TJSAMP_420.rawValue), Int32(min(max(quality, 1), 100)), TJFLAG_ACCURATEDCT)
        guard code == 0, let file else {
            throw MediaError(.notAvailable, "The JPEG can't be written: \(String(cString: tjGetErrorStr2(handle))).")
        }
        return Data(bytes: file, count: Int(count))
    }
}
