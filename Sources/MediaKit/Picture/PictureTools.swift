import CFFmpeg
import ClipModel
import FoundationEssentials

/// What pictures are made with, kept for the next clip: setting a scaler or an encoder up takes as long as using it,
/// and recordings of one session are alike. Used by one thread at a time.
final class PictureTools {
    /// HDR, wide gamuts and interlaced video can be shown, as far as FFmpeg is installed with what that needs.
    let mapsColours: Bool
    private var scalers: [Conversion: Scaler] = [:]
    private var encoder: JPEGEncoder?

    private struct Conversion: Hashable {
        var source: Scaler.Picture
        var target: Scaler.Picture
    }

    init(mapsColours: Bool) {
        Libraries.prepare
        // Loaded now: a process may not be able to later.
        if mapsColours { _ = FilterLibrary.shared }
        self.mapsColours = mapsColours
    }

    /// What maps colours and deinterlaces. Throws `needsColourMapping` where that is not to be, `notAvailable` where it is not installed.
    func filters() throws(MediaError) -> FilterLibrary {
        guard mapsColours else {
            throw MediaError(.needsColourMapping, "HDR and interlaced video need more than was asked for.")
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

    /// A JPEG file of a picture in `AV_PIX_FMT_RGB24`.
    func encode(_ picture: borrowing Frame, quality: Int) throws(MediaError) -> Data {
        let encoder = if let encoder { encoder } else { try JPEGEncoder() }
        self.encoder = encoder
        return try encoder.encode(picture, quality: quality)
    }

    /// A clip needs two.
    private static let most = 16
}
