import CFFmpeg
import ClipModel

/// The slowest and the fastest that frames follow each other in the media.
struct FrameRates {
    /// Fractions of frames a second, the slowest first; nil when all frames last equally long, but for what the time base
    /// rounds.
    let limits: (String?, String?)

    init(_ table: SampleTable, _ timeline: Timeline, _ timeBase: AVRational) {
        var (shortest, longest): (Int64, Int64) = (.max, 0)
        var previous: Int64?
        for index in table.order {
            let time = table.samples[Int(index)].presentation
            if let previous, time > previous {
                shortest = min(shortest, time.subtractingClamped(previous))
                longest = max(longest, time.subtractingClamped(previous))
            }
            previous = time
        }
        guard longest > 0, longest.subtractingClamped(shortest) > 2 else {
            limits = (nil, nil)
            return
        }
        limits = (Self.rate(longest, timeBase), Self.rate(shortest, timeBase))
    }

    private static func rate(_ units: Int64, _ base: AVRational) -> String {
        var (numerator, denominator): (Int32, Int32) = (0, 1)
        let (length, overflow) = units.multipliedReportingOverflow(by: Int64(base.num))
        av_reduce(&numerator, &denominator, Int64(base.den), overflow ? .max : length, Int64(Int32.max))
        return "\(numerator)/\(denominator)"
    }
}
