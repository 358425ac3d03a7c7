import CFFmpeg

/// Tells packets that no other packet refers to, from their bytes alone: those before the wanted frame need no decoding.
///
/// Only where it is certain: H.264 with `nal_ref_idc` 0 throughout, and HEVC's sub-layer non-reference pictures in
/// streams with a single temporal layer.
struct NonReference {
    private enum Syntax {
        case h264
        case hevc
    }

    private let syntax: Syntax
    /// Bytes of the length before each NAL unit.
    private let lengthSize: Int

    /// Nil for streams where it can't be told. Reads `avcC` (ISO/IEC 14496-15, 5.3.3) or `hvcC` (8.3.3).
    init?(_ stream: Stream) {
        let parameters = stream.parameters
        let header = UnsafeBufferPointer(start: parameters.extradata, count: Int(max(0, parameters.extradata_size)))
        guard header.first == 1 else { return nil }
        switch parameters.codec_id {
        case AV_CODEC_ID_H264 where header.count > 6:
            syntax = .h264
            lengthSize = Int(header[4] & 3) + 1
        case AV_CODEC_ID_HEVC where header.count > 22 && header[21] >> 3 & 7 == 1:
            syntax = .hevc
            lengthSize = Int(header[21] & 3) + 1
        default: return nil
        }
    }

    /// True when the packet can be left out without changing any other frame.
    func canBeLeftOut(_ packet: Packet) -> Bool {
        packet.withBytes { bytes in
            var offset = 0
            var slices = 0
            while bytes.count - offset > lengthSize {
                let length = bytes[offset..<(offset + lengthSize)].reduce(0) { $0 << 8 | Int($1) }
                offset += lengthSize
                guard length > 0, length <= bytes.count - offset else { return false }
                switch classify(bytes[offset], length > 1 ? bytes[offset + 1] : 0) {
                case .nonReferenceSlice: slices += 1
                case .other: break
                case .needed: return false
                }
                offset += length
            }
            return slices > 0
        }
    }

    private enum Unit {
        case nonReferenceSlice
        /// Neither a slice nor anything that later packets need.
        case other
        case needed
    }

    private func classify(_ first: UInt8, _ second: UInt8) -> Unit {
        switch syntax {
        case .h264:
            switch first & 0x1F {
            case 1...4: first & 0x60 == 0 ? .nonReferenceSlice : .needed
            case 6, 9, 12: .other
            default: .needed
            }
        case .hevc:
            switch first >> 1 & 0x3F {
            case 0, 2, 4, 6, 8: second & 7 == 1 ? .nonReferenceSlice : .needed
            case 35, 38, 39, 40: .other
            default: .needed
            }
        }
    }
}
