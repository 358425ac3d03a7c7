import ClipModel
import Support
import Testing

@Suite struct JPEGHeaderTests {
    @Test func `a picture's size is read from its head`() {
        let start: [UInt8] = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0]
        let frame: [UInt8] = [0xff, 0xc0, 0, 11, 8, 0x01, 0xa8, 0x03, 0x58, 1, 1, 0x11, 0]
        let end: [UInt8] = [0xff, 0xd9]
        #expect(JPEGHeader.size(of: start + frame + end) == .largeThumbnail)
        #expect(JPEGHeader.size(of: start + end) == nil)
        #expect(JPEGHeader.size(of: start + frame) == nil)
        #expect(JPEGHeader.size(of: []) == nil)
        #expect(JPEGHeader.size(of: [0xff, 0xd8] + [UInt8](repeating: 0xff, count: 100) + end) == nil)
    }
}
