/// A decimal number as people write it, exact: `mantissa / 10^scale`. Binary floating point has no 1.001.
struct DecimalNumber: Hashable, Sendable {
    private var mantissa: Int64 = 0
    /// Digits behind the point; the last of them is not 0.
    private var scale = 0

    /// Reads ASCII digits with at most one point, such as `20`, `1.001`, `.5` or `2.`; nil for anything else, or for more
    /// digits than an `Int64` holds. Zeros that say nothing are no digits.
    init?(parsing text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }) else { return nil }
        let fraction = parts.count == 2 ? Array(parts[1]) : []
        let lastDigit = fraction.lastIndex { $0 != UInt8(ascii: "0") }.map { $0 + 1 } ?? 0
        for digit in Array(parts[0]) + fraction[..<lastDigit] {
            let value = Int64(digit) - Int64(UInt8(ascii: "0"))
            guard (0...9).contains(value), let more = Self.product(mantissa, 10, plus: value) else { return nil }
            mantissa = more
        }
        guard fraction[lastDigit...].allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
        scale = lastDigit
    }

    /// The number times `unit`, which is positive; nil if that is no whole number or more than an `Int64` holds.
    func times(_ unit: Int64) -> Int64? {
        // Powers of ten go into the unit first, so that nothing on the way is larger than the result.
        var (mantissa, unit) = (mantissa, unit)
        for prime: Int64 in [2, 5] {
            for _ in 0..<scale {
                if unit.isMultiple(of: prime) {
                    unit /= prime
                } else if mantissa.isMultiple(of: prime) {
                    mantissa /= prime
                } else {
                    return nil
                }
            }
        }
        return Self.product(mantissa, unit, plus: 0)
    }

    /// `value / unit` as text, with as many digits behind the point as it takes.
    ///
    /// - Parameters:
    ///   - value: Not negative.
    ///   - digits: The unit is this power of ten, 0 to 18.
    static func text(_ value: Int64, shiftedBy digits: Int) -> String {
        let all = String(value)
        let padded = String(repeating: "0", count: max(0, digits + 1 - all.count)) + all
        var fraction = padded.suffix(digits)
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return padded.dropLast(digits) + (fraction.isEmpty ? "" : "." + fraction)
    }

    private static func product(_ a: Int64, _ b: Int64, plus c: Int64) -> Int64? {
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        let (sum, carry) = product.addingReportingOverflow(c)
        return overflow || carry ? nil : sum
    }
}
