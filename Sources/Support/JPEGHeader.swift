public import ClipModel

/// What the head of a JPEG file says.
public enum JPEGHeader {
    /// The picture's size, from its frame header (SOF); nil for what is no JPEG file from first to last byte, as far as
    /// its segments tell.
    public static func size(of file: some RandomAccessCollection<UInt8>) -> PictureSize? {
        let file = Array(file)
        guard file.starts(with: [0xff, 0xd8]), file.suffix(2) == [0xff, 0xd9] else { return nil }
        var position = 2
        while position + 9 < file.count, file[position] == 0xff {
            switch file[position + 1] {
            // Any number of these may be before a marker.
            case 0xff: position += 1
            case 0xc0...0xc3, 0xc5...0xc7, 0xc9...0xcb, 0xcd...0xcf:
                return PictureSize(
                    width: Int(file[position + 7]) << 8 | Int(file[position + 8]),
                    height: Int(file[position + 5]) << 8 | Int(file[position + 6]))
            case 0xda, 0x00...0xbf: return nil
            default: position += 2 + max(2, Int(file[position + 2]) << 8 | Int(file[position + 3]))
            }
        }
        return nil
    }
}
