import Foundation

/// How much a sweep covers: a few places in `make test`, all of them in `make crash-sweep` and its like.
enum Sweep {
    /// `CLIPSHIP_SWEEP=long`
    static let isLong = ProcessInfo.processInfo.environment["CLIPSHIP_SWEEP"] == "long"

    /// The seed of everything that is left to chance; `CLIPSHIP_SWEEP_SEED` takes another one.
    static let seed = ProcessInfo.processInfo.environment["CLIPSHIP_SWEEP_SEED"].flatMap { UInt64($0) } ?? 4

    /// Tells whoever waits for a long sweep where it is.
    static func say(_ text: String) {
        guard isLong else { return }
        FileHandle.standardError.write(Data("sweep: \(text)\n".utf8))
    }
}

/// Equal seeds give equal numbers (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
