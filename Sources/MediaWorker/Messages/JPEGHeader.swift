import ClipModel

/// What the head of a JPEG file says.
enum JPEGHeader {
    /// The picture's size; nil if it is no JPEG file from first to last byte, as far as its segments tell.
    static func size(of file: [UInt8]) -> PictureSize? {
        guard file.starts(with: [0xff, 0xd8]), file.suffix(2) == [0xff, 0xd9] else { return nil }
        var position = 2
        while position + 9 < file.count, file[position] == 0xff {
            let length = Int(file[position + 2]) << 8 | Int(file[position + 3])
            switch file[position + 1] {
            case 0xc0, 0xc1, 0xc2:
                return PictureSize(
                    width: Int(file[position + 7]) << 8 | Int(file[position + 8]),
                    height: Int(file[position + 5]) << 8 | Int(file[position + 6]))
            case 0xda, 0x00...0xbf, 0xff: return nil
            default: position += 2 + max(2, length)
            }
        }
        return nil
    }
}
