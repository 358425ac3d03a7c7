import ClipModel

extension BatchPage {
    /// What the page shows of one clip, and what of it counts. It is made apart from the page, for it takes the time.
    public struct Item: Sendable {
        /// The clip's part of the list.
        public let html: String
        let state: BatchReport.State
        /// Nil where there is no manifest.
        let figures: ClipFigures?

        public init(_ clip: Clip) {
            var html = HTML()
            BatchPage.add(clip, to: &html)
            self.html = html.text
            state = clip.entry.state
            figures = clip.manifest.map { manifest in
                ClipFigures(
                    seconds: manifest.media.durationSeconds, size: manifest.file.size, blocks: manifest.blocks.count,
                    warnings: manifest.warnings.count)
            }
        }
    }

    /// Of a manifest, which may say anything.
    struct ClipFigures: Sendable {
        var seconds: Double
        /// Bytes.
        var size: Int64
        var blocks: Int
        var warnings: Int
    }

    /// Of all clips together.
    struct Totals: Sendable {
        private(set) var clips = 0
        private(set) var states: [BatchReport.State: Int] = [:]
        private(set) var seconds = 0.0
        private(set) var size: Int64 = 0
        private(set) var blocks: Int64 = 0
        private(set) var warnings = 0
        /// Seconds, of each clip with a manifest.
        private(set) var durations: [Double] = []
        /// Bytes, of the same clips.
        private(set) var sizes: [Double] = []

        mutating func add(_ item: Item) {
            clips += 1
            states[item.state, default: 0] += 1
            guard let figures = item.figures else { return }
            seconds += max(0, figures.seconds)
            size = Self.sum(size, figures.size)
            blocks = Self.sum(blocks, Int64(figures.blocks))
            warnings += figures.warnings
            durations.append(figures.seconds)
            sizes.append(Double(figures.size))
        }

        private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
            let (sum, overflow) = a.addingReportingOverflow(max(0, b))
            return overflow ? .max : sum
        }
    }
}
