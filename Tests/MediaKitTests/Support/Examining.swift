import CFFmpeg
import ClipModel
import Foundation
import SystemIO
import TestSupport
import Testing

@testable import MediaKit

/// Tests run side by side, and each program that they start takes a core.
private let atOnce = AsyncSemaphore(max(2, ProcessInfo.processInfo.activeProcessorCount))

/// Asks the engine about a file, off the cooperative thread pool.
func examine(_ file: URL, _ thumbnails: ThumbnailRequest? = nil, threads: Int = 1) async throws -> MediaAnswer {
    let request = MediaRequest(thumbnails: thumbnails, decoderThreads: threads)
    return try await examine(file, request)
}

func examine(_ file: URL, _ request: MediaRequest) async throws -> MediaAnswer {
    try await offThePool { try examineBlocking(file, request) }
}

/// Runs what blocks on a thread of its own.
func offThePool<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await atOnce.withPermit {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}

private func examineBlocking(_ file: URL, _ request: MediaRequest) throws -> MediaAnswer {
    let handle = try FileHandle(forReadingFrom: file)
    defer { try? handle.close() }
    return try MediaEngine().examine(descriptor: handle.fileDescriptor, request: request)
}

/// The reason for which a file is refused; nil if it is not.
func refusal(_ file: URL, _ thumbnails: ThumbnailRequest? = nil) async throws -> MediaError? {
    do {
        _ = try await examine(file, thumbnails)
        return nil
    } catch let error as MediaError {
        return error
    }
}

/// A program of FFmpeg failed.
struct ProgramFailure: Error, CustomStringConvertible {
    var description: String
}

/// Runs `ffmpeg` for at most five minutes; throws with what it printed when it fails.
@discardableResult
func ffmpeg(_ arguments: [String], in folder: URL? = nil, input: Data? = nil) async throws -> ProgramResult {
    let result = try await atOnce.withPermit {
        try await run("timeout", ["300", "ffmpeg", "-hide_banner", "-y"] + arguments, in: folder, input: input)
    }
    guard result.status == 0 else {
        throw ProgramFailure(
            description: "ffmpeg \(arguments.joined(separator: " ")): \(result.errorText.suffix(1000))")
    }
    return result
}

/// Pixels in packed RGB of 8 bits.
struct Pixels {
    var width: Int
    var height: Int
    var bytes: [UInt8]

    /// Red, green, blue.
    subscript(x: Int, y: Int) -> [Int] {
        let offset = (y * width + x) * 3
        return bytes[offset..<(offset + 3)].map { Int($0) }
    }

    /// The mean of a square around a point, red, green, blue.
    func mean(x: Int, y: Int, radius: Int = 4) -> [Double] {
        var sums = [0.0, 0, 0]
        for row in (y - radius)...(y + radius) {
            for column in (x - radius)...(x + radius) {
                for (channel, value) in self[column, row].enumerated() { sums[channel] += Double(value) }
            }
        }
        let count = Double((2 * radius + 1) * (2 * radius + 1))
        return sums.map { $0 / count }
    }

    /// Decodes a JPEG as the `ffmpeg` program does, which would take longer to start.
    init(jpeg: Data, width: Int, height: Int) async throws {
        self = try await offThePool {
            let frame = try decoded(jpeg: jpeg)
            guard frame.size == PixelSize(width: width, height: height) else {
                throw ProgramFailure(description: "the JPEG is not \(width) x \(height)")
            }
            return try Pixels(frame)
        }
    }

    /// `sws_scale` with `SWS_ACCURATE_RND`, `SWS_FULL_CHR_H_INT` and `SWS_BICUBIC`, whose names are others in each release.
    private init(_ frame: borrowing Frame) throws {
        let (width, height) = (Int32(frame.size.width), Int32(frame.size.height))
        let context = try #require(
            sws_getContext(
                width, height, frame.format, width, height, AV_PIX_FMT_RGB24, 0x40000 | 0x2000 | 4, nil, nil, nil))
        defer { sws_freeContext(context) }
        let picture = try Frame()
        try picture.allocate(frame.size, AV_PIX_FMT_RGB24)
        try #require(sws_scale_frame(context, picture.pointer, frame.pointer) >= 0)
        let start = try #require(picture.pointer.pointee.data.0)
        let stride = Int(picture.pointer.pointee.linesize.0)
        var bytes: [UInt8] = []
        for row in 0..<frame.size.height {
            bytes += UnsafeBufferPointer(start: start + row * stride, count: frame.size.width * 3)
        }
        self.init(width: frame.size.width, height: frame.size.height, bytes: bytes)
    }

    init(width: Int, height: Int, bytes: [UInt8]) {
        self.width = width
        self.height = height
        self.bytes = bytes
    }

    init(large jpeg: Data) async throws {
        try await self.init(jpeg: jpeg, width: 856, height: 424)
    }
}
