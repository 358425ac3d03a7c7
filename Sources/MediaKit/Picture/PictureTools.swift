import CFFmpeg
import ClipModel
import FoundationEssentials

/// What pictures are made with, kept for the next clip: setting a scaler or an encoder up takes as long as using it,
/// and recordings of one session are alike. Used by one thread at a time.
final class PictureTools {
    /// HDR and wide gamuts can be shown, as far as FFmpeg is installed with what that needs.
    let mapsColours: Bool
    private var scalers: [Conversion: Scaler] = [:]
    private var encoders: [Encoding: JPEGEncoder] = [:]

    private struct Conversion: Hashable {
        var source: Scaler.Picture
        var target: Scaler.Picture
    }

    private struct Encoding: Hashable {
        var size: PixelSize
        var quality: Int
    }

    init(mapsColours: Bool) {
        Libraries.prepare
        // Loaded now: a process may not be able to later.
        if mapsColours { _ = FilterLibrary.shared }
        self.mapsColours = mapsColours
    }

    /// What maps colours. Throws `needsColourMapping` where that is not to be, `notAvailable` where it is not installed.
    func filters() throws(MediaError) -> FilterLibrary {
        guard mapsColours else {
            throw MediaError(.needsColourMapping, "HDR video needs more than was asked for.")
        }
        guard let library = FilterLibrary.shared else { throw FilterLibrary.missing }
        return library
    }

    /// Throws `codecNotSupported` for a format that can't be converted.
    func scaler(from source: Scaler.Picture, to target: Scaler.Picture) throws(MediaError) -> Scaler {
        let conversion = Conversion(source: source, target: target)
        if let scaler = scalers[conversion] { return scaler }
        let scaler = try Scaler(from: source, to: target)
        if scalers.count >= Self.most { scalers = [:] }
        scalers[conversion] = scaler
        return scaler
    }

    /// A JPEG file of a picture in `AV_PIX_FMT_YUVJ420P`.
    func encode(_ picture: borrowing Frame, quality: Int) throws(MediaError) -> Data {
        let encoding = Encoding(size: picture.size, quality: quality)
        // One that has failed is not used again.
        let encoder =
            if let kept = encoders.removeValue(forKey: encoding) { kept } else {
                try JPEGEncoder(picture.size, quality: quality)
            }
        let file = try encoder.encode(picture)
        if encoders.count >= Self.most { encoders = [:] }
        encoders[encoding] = encoder
        return file
    }

    /// Of each; a clip needs four scalers and two encoders.
    private static let most = 16
}
