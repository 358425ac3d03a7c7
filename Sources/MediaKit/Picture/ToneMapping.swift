import CFFmpeg
import ClipModel
import Glibc

/// Brings HDR and wide gamuts to what an ordinary screen shows.
///
/// 203 cd/m², where ITU-R BT.2408 puts white paper and graphics in HDR, is 1.0 of the linear light; what is brighter is
/// bent into the rest up to white, what is below `knee` stays exactly as it is.
struct ToneMapping {
    private let colour: PictureColour
    /// cd/m² of the brightest part of the picture.
    private let peak: Double

    private static let white = 203.0
    private static let knee = 0.3

    init(_ colour: PictureColour, _ frame: borrowing Frame) {
        self.colour = colour
        peak = colour.dynamicRange == .pq ? Self.peak(of: frame) : 1000
    }

    /// A picture in planar YUV 4:4:4 of 16 bits, as packed RGB of 8 bits for an ordinary screen.
    func apply(to picture: borrowing Frame, with library: FilterLibrary) throws(MediaError) -> Frame {
        // What the picture stands for is said to the first filter, not by tags.
        picture.pointer.pointee.colorspace = AVCOL_SPC_UNSPECIFIED
        picture.pointer.pointee.color_range = AVCOL_RANGE_UNSPECIFIED
        let graph = try FilterGraph(library, from: picture.size, picture.format, filters)
        return try graph.apply(to: picture)
    }

    private var filters: String {
        let transfer =
            switch colour.dynamicRange {
            case .pq: "smpte2084"
            case .hlg: "arib-std-b67"
            case .standard: "bt709"
            }
        let input = "tin=\(transfer):min=\(matrixName):pin=\(colour.primaries.rawValue):rin=\(rangeName)"
        let linear = "zscale=\(input):t=linear:p=bt709:m=gbr:r=full:npl=\(Int(Self.white)),format=gbrpf32le"
        let relativePeak = max(1, peak / Self.white)
        let map = "tonemap=tonemap=mobius:param=\(Self.knee):desat=0:peak=\(relativePeak)"
        let isHDR = colour.dynamicRange != .standard
        let output = "zscale=t=\(isHDR ? "iec61966-2-1" : "bt709"):r=full,format=gbrp,format=rgb24"
        return [linear, isHDR ? map : nil, output].compactMap(\.self).joined(separator: ",")
    }

    private var matrixName: String {
        switch colour.scaling.matrix {
        case SWS_CS_ITU709: "709"
        case SWS_CS_BT2020: "2020_ncl"
        case SWS_CS_FCC: "fcc"
        default: "170m"
        }
    }

    private var rangeName: String { colour.scaling.isFullRange ? "full" : "limited" }

    /// The content's peak if it says so, else that of the screen it was made on, else the usual one.
    private static func peak(of frame: borrowing Frame) -> Double {
        let usual = 1000.0
        if let level = read(AVContentLightMetadata.self, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL, of: frame),
            level.MaxCLL > UInt32(white)
        {
            return min(Double(level.MaxCLL), 10_000)
        }
        if let display = read(AVMasteringDisplayMetadata.self, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA, of: frame),
            display.has_luminance != 0, display.max_luminance.den > 0
        {
            let peak = Double(display.max_luminance.num) / Double(display.max_luminance.den)
            if peak > white { return min(peak, 10_000) }
        }
        return usual
    }

    private static func read<Value>(
        _: Value.Type, _ type: AVFrameSideDataType, of frame: borrowing Frame
    ) -> Value? {
        frame.withSideData(type) { bytes in
            bytes.count >= MemoryLayout<Value>.size ? bytes.loadUnaligned(as: Value.self) : nil
        } ?? nil
    }
}
