import BoxMutation
import ClipModel
import Glibc
import MediaKit

/// libFuzzer brings a `main` of its own, which the package manager does not link; so this one calls its driver.
@main
enum MediaFuzz {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(runDriver(&count, &arguments, fuzzMedia))
    }
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ test: @convention(c) (UnsafePointer<UInt8>, Int) -> Int32
) -> Int32

/// Kept from input to input, as a worker keeps it; the driver has one thread.
private nonisolated(unsafe) let engine = MediaEngine()

/// One file and what is asked of it: its facts and both thumbnails. Any answer will do, and any `MediaError`; what ends
/// the process, or takes longer than the deadline and a little, is a find.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMedia(_ data: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    guard count > 0, let file = MemoryFile.shared, file.fill(data, count) else { return 0 }
    // The last byte chooses what is asked, so that one corpus holds files and requests. Pictures, which take most of the
    // time and depend least on the file, only for one in four.
    let choice = data[count - 1]
    let offsets: [ThumbnailOffset] = [
        .milliseconds(Int64(choice) * 16), .auto, .chapter(nil), .percent(Int(choice) % 101),
    ]
    let thumbnails =
        choice % 4 == 0
        ? ThumbnailRequest(offset: offsets[Int(choice / 4) % 4], skipsBlank: choice & 16 != 0 ? true : nil) : nil
    var request = MediaRequest(thumbnails: thumbnails, hashesVideo: choice & 8 != 0, deadlineSeconds: 5)
    // All of the recording is decoded for these.
    if choice % 3 == 0 { request.stretches = StretchRequest(black: 0.2, frozen: 0.2, silent: 0.2) }
    if choice % 5 == 0 {
        request.sheet = SheetRequest(columns: 3, rows: 3, isSprite: choice & 32 != 0, isExact: choice & 64 != 0)
    }
    request.showsCandidates = choice & 128 != 0
    _ = try? engine.examine(descriptor: file.descriptor, request: request)
    return 0
}

/// Three changes of boxes for one of bytes.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int, _ seed: UInt32) -> Int {
    guard seed % 4 != 0, count > 8 else { return mutateBytes(data, count, most) }
    var mutator = BoxMutator(seed: UInt64(seed))
    let file = Array(UnsafeBufferPointer(start: data, count: count))
    guard let changed = mutator.mutate(file, most: most), !changed.isEmpty else {
        return mutateBytes(data, count, most)
    }
    data.update(from: changed, count: changed.count)
    return changed.count
}

@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int) -> Int

/// An unnamed file in memory (`mkstemp` and `unlink`), filled again for each input: examined the way a real file is, by `pread`.
private struct MemoryFile {
    let descriptor: Int32

    static let shared = MemoryFile()

    private init?() {
        var template = Array("/dev/shm/clipship-fuzz-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { return nil }
        unlink(template)
    }

    /// False when there is no memory.
    func fill(_ data: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        ftruncate(descriptor, 0) == 0 && pwrite(descriptor, data, count, 0) == count
    }
}
