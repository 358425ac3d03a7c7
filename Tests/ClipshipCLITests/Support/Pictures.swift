import Foundation
import TestSupport

/// A picture in shades of grey, as `ffmpeg` decodes it.
struct GreyPicture {
    var width: Int
    var height: Int
    private var pixels: Data

    /// Decodes pictures with one start of `ffmpeg`.
    static func decode(_ files: [URL], in folder: URL) async throws -> [GreyPicture] {
        let inputs = files.flatMap { ["-i", $0.path] }
        let targets = files.indices.map { folder.appending(path: "picture-\($0).pgm") }
        let outputs = targets.enumerated().flatMap { ["-map", "\($0)", "-f", "image2", "-c:v", "pgm", $1.path] }
        try await run("ffmpeg", ["-v", "error", "-y"] + inputs + outputs).expectSuccess()
        return try targets.map { try GreyPicture(pgm: Data(contentsOf: $0)) }
    }

    /// `P5`, width, height, 255, each with one character of white space behind it, then the pixels.
    private init(pgm: Data) throws {
        let header = pgm.prefix(32).split(maxSplits: 4) { $0 == 10 || $0 == 32 }.map {
            String(decoding: $0, as: UTF8.self)
        }
        guard header.count == 5, header[0] == "P5", let width = Int(header[1]), let height = Int(header[2]) else {
            throw NotAPicture()
        }
        let start = header[..<4].map { $0.utf8.count + 1 }.reduce(0, +)
        guard pgm.count == start + width * height else { throw NotAPicture() }
        (self.width, self.height) = (width, height)
        pixels = Data(pgm.dropFirst(start))
    }

    struct NotAPicture: Error {}

    var size: String { "\(width)x\(height)" }

    /// The number that the samples show as twelve squares, the highest bit on the left: see samples/README.md.
    ///
    /// - Parameter units: Squares that would fit into the width.
    func frameNumber(units: Double) -> Int {
        let unit = Double(width) / units
        let y = Int(Double(height) / 2 + 2.2 * unit)
        return (0..<12).reduce(0) { number, index in
            let x = Int(Double(width) / 2 + (Double(index) - 5.5) * unit)
            return number * 2 + (pixels[y * width + x] > 127 ? 1 : 0)
        }
    }
}
