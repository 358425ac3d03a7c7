import CFFmpeg

/// The NAL units that the coded frames of a stream consist of, each with its length before it, as in MP4.
struct CodedUnits {
    enum Syntax {
        case h264
        case hevc
    }

    let syntax: Syntax
    /// Bytes of the length before each unit.
    private let lengthSize: Int

    /// Nil for streams of other codecs, and for those without the header that says how they are laid out. Reads `avcC`
    /// (ISO/IEC 14496-15, 5.3.3) or `hvcC` (8.3.3).
    init?(_ stream: Stream) {
        let parameters = stream.parameters
        let header = UnsafeBufferPointer(start: parameters.extradata, count: Int(max(0, parameters.extradata_size)))
        guard header.first == 1 else { return nil }
        switch parameters.codec_id {
        case AV_CODEC_ID_H264 where header.count > 6: (syntax, lengthSize) = (.h264, Int(header[4] & 3) + 1)
        case AV_CODEC_ID_HEVC where header.count > 22: (syntax, lengthSize) = (.hevc, Int(header[21] & 3) + 1)
        default: return nil
        }
    }

    /// Lends each unit, which has a byte at least, until `body` says false. False where it did, or where the packet can't
    /// be taken apart.
    func allSatisfy(in packet: Packet, _ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
        packet.withBytes { bytes in
            var offset = 0
            while bytes.count - offset > lengthSize {
                let length = bytes[offset..<(offset + lengthSize)].reduce(0) { $0 << 8 | Int($1) }
                offset += lengthSize
                guard length > 0, length <= bytes.count - offset,
                    body(UnsafeBufferPointer(rebasing: bytes[offset..<(offset + length)]))
                else { return false }
                offset += length
            }
            return true
        }
    }

    /// What the type of a unit says of it.
    enum Kind {
        /// A part of a picture; of HEVC with its temporal sub-layer, from 0, else 0.
        case slice(isReference: Bool, layer: Int)
        /// Nothing that later packets need.
        case other
        /// Parameters, or something that is not known.
        case needed
    }

    /// By ITU-T H.264, table 7-1, or H.265, table 7-1.
    func kind(of unit: UnsafeBufferPointer<UInt8>) -> Kind {
        guard let first = unit.first else { return .other }
        switch syntax {
        case .h264:
            return switch first & 0x1F {
            case 1...4: .slice(isReference: first & 0x60 != 0, layer: 0)
            case 5: .slice(isReference: true, layer: 0)
            case 6, 9, 12: .other
            default: .needed
            }
        case .hevc:
            let layer = max(0, Int(unit.count > 1 ? unit[1] & 7 : 0) - 1)
            return switch first >> 1 & 0x3F {
            case 0, 2, 4, 6, 8: .slice(isReference: false, layer: layer)
            case 1, 3, 5, 7, 9, 16...21: .slice(isReference: true, layer: layer)
            case 35, 38, 39, 40: .other
            default: .needed
            }
        }
    }
}
