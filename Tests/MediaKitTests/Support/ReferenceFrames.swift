import CFFmpeg
import ClipModel
import Foundation
import Testing

@testable import MediaKit

/// Every frame of a file as the `ffmpeg` program decodes it, with its time: the truth to compare with.
struct ReferenceFrames {
    /// After the first frame.
    var times: [MediaTime]
    /// MD5 of the pixels as decoded, before anything is done to them, in hexadecimal.
    var digests: [String]

    /// A part of the media that is presented, in units of the track's time base.
    struct Edit: Sendable {
        var duration: Int64
        /// Nil shows nothing.
        var start: Int64?
    }

    /// - Parameter edits: What the file's edit list says, where it begins within a frame or jumps: `ffmpeg` drops or
    ///   moves frames then, so its own reading is switched off.
    init(_ file: URL, edits: [Edit] = []) async throws {
        let result = try await ffmpeg([
            "-v", "info", "-nostats", "-copyts", "-noautorotate", "-ignore_editlist", edits.isEmpty ? "0" : "1", "-i",
            file.path, "-map", "0:V:0", "-fps_mode", "passthrough",
            "-vf", "showinfo=checksum=0", "-f", "framemd5", "-",
        ])
        let lines = result.errorText.split(separator: "\n").filter { $0.contains("Parsed_showinfo") }
        let base = try #require(lines.lazy.compactMap { Self.field("time_base:", $0) }.first).split(separator: "/")
        let stamps = lines.compactMap { Self.field("pts:", $0).flatMap { Int64($0) } }
        let (numerator, denominator) = (try #require(Int64(base[0])), try #require(Int64(base[1])))
        times = stamps.map { MediaTime(value: ($0 - stamps[0]) * numerator, timescale: denominator) }
        digests = result.outputText.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
            $0.split(separator: ",").last.map { $0.trimmingCharacters(in: .whitespaces) }
        }
        try #require(times.count == digests.count)
        if !edits.isEmpty { apply(edits, stamps, numerator, denominator) }
    }

    private mutating func apply(_ edits: [Edit], _ stamps: [Int64], _ numerator: Int64, _ denominator: Int64) {
        var (shown, position): ([(time: Int64, digest: String)], Int64) = ([], 0)
        for edit in edits {
            if let start = edit.start {
                let first = stamps.lastIndex { $0 <= start } ?? 0
                for index in first..<stamps.count where stamps[index] < start + edit.duration {
                    shown.append((position + max(0, stamps[index] - start), digests[index]))
                }
            }
            position += edit.duration
        }
        let origin = shown.first?.time ?? 0
        times = shown.map { MediaTime(value: ($0.time - origin) * numerator, timescale: denominator) }
        digests = shown.map(\.digest)
    }

    private static func field(_ name: String, _ line: Substring) -> Substring? {
        line.range(of: name).map { line[$0.upperBound...].drop { $0 == " " }.prefix { $0 != " " && $0 != "," } }
    }

    /// The last frame that is not after the offset.
    func index(atMilliseconds offset: Int64) -> Int {
        times.lastIndex { $0 <= MediaTime(value: offset, timescale: 1000) } ?? 0
    }
}

/// A frame as the engine finds it.
struct FoundFrame: Sendable {
    var answer: MediaAnswer
    /// Like `ReferenceFrames.digests`.
    var digest: String

    /// Blocks.
    init(_ file: URL, _ request: ThumbnailRequest, threads: Int = 1) throws {
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }
        let input = try FileInput(descriptor: handle.fileDescriptor, deadline: .seconds(60), progress: {})
        var analysis = try ClipAnalysis(
            input, try BoxScan(input), PictureTools(mapsColours: true), threads: threads)
        answer = try analysis.answer(MediaRequest(thumbnails: request))
        digest = Self.digest(of: analysis.search.frame)
    }

    private static func digest(of frame: borrowing Frame) -> String {
        var pixels = frame.pointer.pointee
        let size = av_image_get_buffer_size(frame.format, pixels.width, pixels.height, 1)
        var bytes = [UInt8](repeating: 0, count: Int(max(0, size)))
        withUnsafePointer(to: &pixels.data) { data in
            data.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 8) { data in
                withUnsafePointer(to: &pixels.linesize) { strides in
                    strides.withMemoryRebound(to: Int32.self, capacity: 8) { strides in
                        _ = av_image_copy_to_buffer(
                            &bytes, size, data, strides, frame.format, frame.pointer.pointee.width,
                            frame.pointer.pointee.height, 1)
                    }
                }
            }
        }
        var digest = [UInt8](repeating: 0, count: 16)
        av_md5_sum(&digest, bytes, bytes.count)
        return digest.map { String(format: "%02x", $0) }.joined()
    }
}
