/// Finds what no coder writes into a coded frame of H.264 or HEVC. Their decoders take such bytes for picture, and HEVC's
/// says nothing of it.
struct PacketCheck {
    private let units: CodedUnits

    init(_ units: CodedUnits) {
        self.units = units
    }

    /// A slice has bytes that are not allowed in one: two of zero, and then one below 3 (ITU-T H.264 and H.265, section
    /// 7.4.1). Disks read lost sectors as zeros. O(n).
    ///
    /// A packet that can't be taken apart is not looked at further: the decoder reports that itself.
    func isBroken(_ packet: Packet) -> Bool {
        var isBroken = false
        _ = units.allSatisfy(in: packet) { unit in
            if isSlice(unit) { isBroken = Self.isBroken(unit) }
            return !isBroken
        }
        return isBroken
    }

    /// Reserved types of HEVC's slices, too.
    private func isSlice(_ unit: UnsafeBufferPointer<UInt8>) -> Bool {
        switch units.syntax {
        case .h264: (1...5).contains(unit[0] & 0x1F)
        case .hevc: unit[0] >> 1 & 0x3F < 32
        }
    }

    private static func isBroken(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var end = bytes.count
        // Some writers fill up with zeros.
        while end > 0, bytes[end - 1] == 0 { end -= 1 }
        var zeros = 0
        for index in 0..<end {
            let byte = bytes[index]
            if zeros >= 2, byte < 3 { return true }
            zeros = byte == 0 ? zeros + 1 : 0
        }
        return false
    }
}
