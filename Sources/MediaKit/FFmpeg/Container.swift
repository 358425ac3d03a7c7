import CFFmpeg
import ClipModel

/// Owns an opened `AVFormatContext`: the MP4 demuxer over a `FileInput`. Opens no other file and no protocol.
final class Container {
    let pointer: UnsafeMutablePointer<AVFormatContext>
    let input: FileInput
    /// Packets that could not be read where they should be.
    private(set) var unreadablePackets = 0

    private let io: IOContext

    /// Throws `damaged` when the demuxer refuses the file (`avformat_open_input`).
    init(_ input: FileInput) throws(MediaError) {
        guard let format = av_find_input_format("mov") else {
            throw MediaError(.notAvailable, "This installation of FFmpeg can't read MP4 files.")
        }
        let io = try IOContext(input)
        var options = OpaquePointer?.none
        defer { av_dict_free(&options) }
        for (key, value) in Self.options {
            try check(av_dict_set(&options, key, value, 0), .notAvailable, "An option can't be set")
        }
        let context = try check(avformat_alloc_context())
        context.pointee.pb = io.pointer
        // Times as the container has them, not as they are guessed from the coded video.
        context.pointee.flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN
        context.pointee.io_open = { _, _, _, _, _ in cffmpeg_AVERROR(EPERM) }
        var opened: UnsafeMutablePointer<AVFormatContext>? = context
        // Frees the context when it fails.
        let code = avformat_open_input(&opened, nil, format, &options)
        guard let opened, code >= 0 else {
            try input.checkDeadline()
            try check(min(code, -1), .damaged, "The movie header can't be read")
            throw .outOfMemory
        }
        pointer = opened
        self.io = io
        self.input = input
    }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = pointer
        avformat_close_input(&context)
    }

    /// External references (`dref`) are never followed.
    private static let options = [
        ("enable_drefs", "0"), ("use_absolute_path", "0"), ("protocol_whitelist", "none"),
        // `Timeline` does that: the demuxer knows no rates, and drops frames that are on show at an edit's start.
        ("ignore_editlist", "1"),
        ("format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2"),
    ]

    var streams: [Stream] {
        (0..<Int(pointer.pointee.nb_streams)).compactMap { index in
            pointer.pointee.streams?[index].map { Stream(container: self, pointer: $0) }
        }
    }

    /// A tag of the file as a whole (`av_dict_get`).
    func tag(_ key: String) -> String? {
        av_dict_get(pointer.pointee.metadata, key, nil, 0).map { String(cString: $0.pointee.value) }
    }

    /// Fills `packet` with the next one of the streams that are read; false at the end of the file (`av_read_frame`).
    ///
    /// Packets that can't be read are skipped and counted. Throws `unreadable`, `deadlineExceeded`.
    func read(into packet: Packet) throws(MediaError) -> Bool {
        while true {
            try input.checkDeadline()
            av_packet_unref(packet.pointer)
            let code = av_read_frame(pointer, packet.pointer)
            try input.checkDeadline()
            if code >= 0 { return true }
            if code == cffmpeg_AVERROR_EOF() || unreadablePackets >= Self.mostUnreadablePackets { return false }
            unreadablePackets += 1
        }
    }

    private static let mostUnreadablePackets = 10_000
}
