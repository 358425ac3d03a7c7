/// Tells packets that the wanted frame does not refer to, from their bytes alone: they need no decoding.
///
/// Only where it is certain: H.264 with `nal_ref_idc` 0 throughout; HEVC's pictures of a temporal sub-layer above the
/// wanted one's, and of its own those that their type says are not referred to within it.
struct NonReference {
    private let units: CodedUnits

    init(_ units: CodedUnits) {
        self.units = units
    }

    /// True when the packet can be left out without changing any frame of this temporal sub-layer or one below.
    func canBeLeftOut(_ packet: Packet, forLayer wanted: Int) -> Bool {
        var slices = 0
        return units.allSatisfy(in: packet) { unit in
            switch units.kind(of: unit) {
            case .slice(let isReference, let layer):
                slices += 1
                return layer > wanted || layer == wanted && !isReference
            case .other: return true
            case .needed: return false
            }
        } && slices > 0
    }

    /// The temporal sub-layer of a frame; 0 where there are none.
    func layer(of packet: Packet) -> Int {
        var highest = 0
        _ = units.allSatisfy(in: packet) { unit in
            if case .slice(_, let layer) = units.kind(of: unit) { highest = max(highest, layer) }
            return true
        }
        return highest
    }
}
