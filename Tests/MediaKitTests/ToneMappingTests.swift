import CFFmpeg
import Testing

@testable import MediaKit

/// No combination of tags may keep an HDR or wide picture from being shown.
@Suite struct ToneMappingTests {
    @Test(arguments: [AVCOL_TRC_SMPTE2084, AVCOL_TRC_ARIB_STD_B67, AVCOL_TRC_BT709, AVCOL_TRC_UNSPECIFIED])
    func `every combination of tags gives a picture`(transfer: AVColorTransferCharacteristic) throws {
        let primaries = [
            AVCOL_PRI_BT709, AVCOL_PRI_BT2020, AVCOL_PRI_SMPTE432, AVCOL_PRI_SMPTE431, AVCOL_PRI_UNSPECIFIED,
        ]
        let matrices = [
            AVCOL_SPC_BT709, AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL, AVCOL_SPC_SMPTE170M, AVCOL_SPC_FCC,
            AVCOL_SPC_SMPTE240M, AVCOL_SPC_UNSPECIFIED, AVCOL_SPC_ICTCP, AVCOL_SPC_RGB, AVColorSpace(77),
        ]
        let tools = PictureTools(mapsColours: true)
        for primary in primaries {
            for matrix in matrices {
                for range in [AVCOL_RANGE_MPEG, AVCOL_RANGE_JPEG] {
                    let frame = try Frame()
                    try frame.allocate(PixelSize(width: 64, height: 32), AV_PIX_FMT_YUV420P10LE)
                    frame.fill(512)
                    frame.pointer.pointee.color_trc = transfer
                    frame.pointer.pointee.color_primaries = primary
                    frame.pointer.pointee.colorspace = matrix
                    frame.pointer.pointee.color_range = range
                    let renderer = ThumbnailRenderer(
                        orientation: Orientation(), aspect: 1, colour: PictureColour(frame), fit: .cover, quality: 80,
                        tools: tools)
                    let pictures = try renderer.render(frame)
                    #expect(pictures.large.count > 500)
                    #expect(pictures.small.count > 500)
                }
            }
        }
    }
}

extension Frame {
    /// The same number everywhere in planes of 16 bits.
    fileprivate func fill(_ value: UInt16) {
        let planes = [pointer.pointee.data.0, pointer.pointee.data.1, pointer.pointee.data.2]
        let strides = [pointer.pointee.linesize.0, pointer.pointee.linesize.1, pointer.pointee.linesize.2]
        for (index, plane) in planes.enumerated() {
            let count = Int(strides[index]) * (index == 0 ? size.height : size.height / 2) / 2
            plane?.withMemoryRebound(to: UInt16.self, capacity: count) { $0.update(repeating: value, count: count) }
        }
    }
}
