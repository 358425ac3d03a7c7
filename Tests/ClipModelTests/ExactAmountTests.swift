import ClipModel
import Testing

/// Amounts as people write them have no binary rounding: what is written is what counts.
@Suite struct ExactAmountTests {
    @Test(arguments: [
        ("1.001MB", 1_001_000), ("4.1MB", 4_100_000), ("8.2MB", 8_200_000), ("1.96MB", 1_960_000),
        ("0.001kB", 1), (".5kB", 500), ("2.MB", 2_000_000), ("1.50000000000000000000000000MB", 1_500_000),
        ("0000000000000000000000001kB", 1_000), ("0.5KiB", 512), ("0.0009765625KiB", 1),
        ("9223372036.854775807GB", Int64.max), ("9223372036854775807", Int64.max), ("0.000", 0),
    ])
    func `an amount is exactly what is written`(text: String, bytes: Int64) {
        #expect(ByteCount(parsing: text)?.bytes == bytes)
    }

    @Test(arguments: [
        "1.0001kB", "0.5", "0.3KiB", "1.9999999999999999999MB", "0.00000000000000000001MB", "1.0000000000000000001GB",
        "9223372036854775808", "9223372036.854775808GB", "99999999999999999999999", "1.2.3MB", "1..2MB", ".", ".MB",
        "1.MB5", "٣MB", "1e3", "0x10", "+1", "inf",
    ])
    func `a fraction of a byte, too much, and what is no number are refused`(text: String) {
        #expect(ByteCount(parsing: text) == nil)
    }

    @Test(
        arguments: [
            ("250ms", .milliseconds(250)), ("1.5s", .milliseconds(1_500)), ("0.1h", .seconds(360)),
            ("1.1ms", .microseconds(1_100)), ("0.000001ms", .nanoseconds(1)), ("876600h", .seconds(36_525 * 86_400)),
            ("4.35m", .seconds(261)), ("0s", .zero),
        ] as [(String, Duration)])
    func `a duration is exactly what is written`(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }

    @Test(arguments: [
        "0.0000001ms", "0.33333333333333h", "876600.1h", "876601h", "99999999999999999999ms", "1", "s", ".s", "-1s",
        "1 s", "1sec", "1e3s", "nans",
    ])
    func `what is finer than a nanosecond, too long, or no duration is refused`(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1kB"), (1_960_000, "1.96MB"), (1_000_001, "1.000001MB"), (-5, "-5"),
        (2_000_000_000, "2GB"), (Int64.min, "-9223372036854775808"),
    ])
    func `an amount can be written exactly`(bytes: Int64, text: String) {
        #expect(ByteCount(bytes).exactText == text)
    }

    @Test(
        arguments: [
            (.zero, "0ms"), (.seconds(90), "90s"), (.seconds(600), "10m"), (.seconds(31_536_000), "8760h"),
            (.milliseconds(1_500), "1500ms"), (.microseconds(500), "0.5ms"), (.seconds(-1), "0ms"),
            (.seconds(Int64.max), "876600h"),
        ] as [(Duration, String)])
    func `a duration can be written exactly`(duration: Duration, text: String) {
        #expect(DurationText.text(duration) == text)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `whatever is written exactly is read as the same`(seed: UInt64) {
        var numbers = Numbers(state: seed)
        for _ in 0..<5_000 {
            // Of every length, and often with zeros at the end.
            let bits = Int64.random(in: 0...63, using: &numbers)
            var value = Int64.random(in: 0...Int64.max, using: &numbers) >> bits
            for _ in 0..<Int.random(in: 0...9, using: &numbers) { value = value / 10 }
            for _ in 0..<Int.random(in: 0...9, using: &numbers) where value < Int64.max / 10 { value *= 10 }
            #expect(ByteCount(parsing: ByteCount(value).exactText)?.bytes == value)
            let duration = Duration.nanoseconds(value % (36_525 * 86_400 * 1_000_000_000))
            #expect(DurationText.parse(DurationText.text(duration)) == duration)
        }
    }

    /// Equal seeds give equal numbers (SplitMix64).
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }
}
