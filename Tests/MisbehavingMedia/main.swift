import ClipModel
import FoundationEssentials
import Glibc
import MediaProcess
import MediaWorker

/// `clipship-media` with workers that misbehave on files that tell them to: such a file begins with `misbehave`, a blank,
/// what to do, and a line feed. Every other file is looked at as usual.
ForkServerMain.serve { worker, file in
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = pread(file, &bytes, bytes.count, 0)
    let words = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).prefix { $0 != "\n" }.split(separator: " ")
    guard words.count == 2, words[0] == "misbehave" else { return }
    let parts = words[1].split(separator: ":")
    if parts.first == "call" { makeCall(parts.dropFirst().compactMap { Int($0) }) }
    misbehave(String(words[1]), worker)
}

/// Makes a system call with a number and six arguments, and ends with its error number, or with 200 where it succeeds.
private func makeCall(_ words: [Int]) {
    typealias Call = @convention(c) (Int, Int, Int, Int, Int, Int, Int) -> Int
    guard words.count == 7, let address = dlsym(nil, "syscall") else { exit(201) }
    let call = unsafeBitCast(address, to: Call.self)
    let result = call(words[0], words[1], words[2], words[3], words[4], words[5], words[6])
    exit(result == -1 ? errno : 200)
}

private func misbehave(_ how: String, _ worker: Worker) {
    switch how {
    // Reads where no memory is.
    case "crash": UnsafeMutablePointer<UInt8>(bitPattern: 8)?.pointee = 1
    // As by someone else.
    case "kill": raise(SIGKILL)
    // Neither ends nor shows progress.
    case "sleep": while true { poll(nil, 0, 1000) }
    // Shows progress, and never ends.
    case "progress":
        while true {
            // Whether the program listens makes no difference.
            try? worker.channel.send(.progress)
            poll(nil, 0, 20)
        }
    case "allocate":
        var all: [[UInt8]] = []
        while true { all.append([UInt8](repeating: 1, count: 16 << 20)) }
    case "exit": exit(3)
    case "open": exit(open("/etc/passwd", O_RDONLY) == -1 ? errno : 0)
    // By a path that the flag for open files comes with: a filter sees no more of it than an address.
    case "stat":
        var status = stat()
        exit(fstatat(AT_FDCWD, "/etc/passwd", &status, 0x1000) == -1 ? errno : 0)
    case "connect": socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    case "execute": execv("/bin/true", [nil])
    // Bytes that are no message.
    case "noise": try? worker.channel.socket.send([UInt8](repeating: 0x20, count: 64).span.bytes)
    // A message longer than any may be.
    case "length": try? worker.channel.socket.send(MessageHeader(kind: .answer, length: 1 << 30).bytes.span.bytes)
    case "duration": answer(by: worker, durationSeconds: 1e300, pictures: 0)
    // JPEG files without a picture in them.
    case "pictures": answer(by: worker, durationSeconds: 1, pictures: 2)
    default: break
    }
}

/// Sends facts and pictures that can't be; the program refuses them or not, which is what is tested.
private func answer(by worker: Worker, durationSeconds: Double, pictures: Int) {
    let video = VideoFacts(codec: "h264", width: 64, height: 64, frameRate: "30/1")
    var answer = MediaAnswer(
        facts: MediaFacts(container: "mp4", durationSeconds: durationSeconds, video: video, audio: nil))
    answer.thumbnails = RenderedThumbnails(
        frameTime: .zero, usedOffsetMilliseconds: 0, large: Data(), small: Data())
    for _ in 0..<pictures { try? worker.channel.send(.picture, [0xff, 0xd8, 0xff, 0xd9]) }
    try? worker.channel.send(.answer, Array(JSONEncoder().encode(AnswerMessage(answer))))
}
