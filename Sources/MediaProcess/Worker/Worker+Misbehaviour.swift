#if DEBUG
import ClipModel
import FoundationEssentials
import Glibc
import MediaWorker

extension Worker {
    func misbehave(_ misbehaviour: Misbehaviour) {
        switch misbehaviour {
        case .crash: UnsafeMutablePointer<UInt8>(bitPattern: 8)?.pointee = 1
        case .kill: raise(SIGKILL)
        case .sleep: while true { poll(nil, 0, 1000) }
        case .dawdle:
            while true {
                try? channel.send(.progress)
                poll(nil, 0, 20)
            }
        case .allocate:
            var all: [[UInt8]] = []
            while true { all.append([UInt8](repeating: 1, count: 16 << 20)) }
        case .exit: Glibc.exit(3)
        case .open: Glibc.exit(Glibc.open("/etc/passwd", O_RDONLY) == -1 ? errno : 0)
        case .connect: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        case .execute: execv("/bin/true", [nil])
        case .babble: try? channel.socket.send([UInt8](repeating: 0x20, count: 64).span.bytes)
        case .boast: try? channel.socket.send(FrameHeader(kind: .answer, length: 1 << 30).bytes.span.bytes)
        case .lie: lie(durationSeconds: 1e300, pictures: 0)
        case .forge: lie(durationSeconds: 1, pictures: 2)
        }
    }

    private func lie(durationSeconds: Double, pictures: Int) {
        let video = VideoFacts(codec: "h264", width: 64, height: 64, frameRate: "30/1")
        var answer = MediaAnswer(
            facts: MediaFacts(container: "mp4", durationSeconds: durationSeconds, video: video, audio: nil))
        answer.thumbnails = RenderedThumbnails(
            frameTime: .zero, usedOffsetMilliseconds: 0, large: Data(), small: Data())
        for _ in 0..<pictures { try? channel.send(.picture, [0xff, 0xd8, 0xff, 0xd9]) }
        try? channel.send(.answer, Array(JSONEncoder().encode(AnswerMessage(answer))))
    }
}
#endif
