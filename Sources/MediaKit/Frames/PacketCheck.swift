import CFFmpeg

/// Finds what no coder writes into a coded frame of H.264 or HEVC. Their decoders take such bytes for picture, and HEVC's
/// says nothing of it.
struct PacketCheck {
    private let isHEVC: Bool
    /// Bytes of the length before each NAL unit.
    private let lengthSize: Int

    /// Nil for streams of which nothing is known. Reads `avcC` (ISO/IEC 14496-15, 5.3.3) or `hvcC` (8.3.3).
    init?(_ stream: Stream) {
        let parameters = stream.parameters
        let header = UnsafeBufferPointer(start: parameters.extradata, count: Int(max(0, parameters.extradata_size)))
        guard header.first == 1 else { return nil }
        switch parameters.codec_id {
        case AV_CODEC_ID_H264 where header.count > 6: (isHEVC, lengthSize) = (false, Int(header[4] & 3) + 1)
        case AV_CODEC_ID_HEVC where header.count > 22: (isHEVC, lengthSize) = (true, Int(header[21] & 3) + 1)
        default: return nil
        }
    }

    /// A slice has bytes that are not allowed in one: two of zero, and then one below 3 (ITU-T H.264 and H.265, section
    /// 7.4.1). Disks read lost sectors as zeros. O(n).
    func isBroken(_ packet: Packet) -> Bool {
        packet.withBytes { bytes in
            var offset = 0
            while bytes.count - offset > lengthSize {
                let length = bytes[offset..<(offset + lengthSize)].reduce(0) { $0 << 8 | Int($1) }
                offset += lengthSize
                // What the decoder can't take apart it reports itself.
                guard length > 0, length <= bytes.count - offset else { return false }
                let type = isHEVC ? bytes[offset] >> 1 & 0x3F : bytes[offset] & 0x1F
                let isSlice = isHEVC ? type < 32 : (1...5).contains(type)
                if isSlice, Self.isBroken(bytes, offset, offset + length) { return true }
                offset += length
            }
            return false
        }
    }

    private static func isBroken(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
        var end = end
        // Some writers fill up with zeros.
        while end > start, bytes[end - 1] == 0 { end -= 1 }
        var zeros = 0
        for index in start..<end {
            let byte = bytes[index]
            if zeros >= 2, byte < 3 { return true }
            zeros = byte == 0 ? zeros + 1 : 0
        }
        return false
    }
}
