/// Finds what somebody who mistyped a name may have meant.
public enum Suggestion {
    /// The only name that goes on where `name` ends, or else the one with the fewest edits from it, if that is at most a
    /// third of its length; the first of several.
    public static func closest(to name: String, among names: [String]) -> String? {
        let longer = names.filter { $0.lowercased().hasPrefix(name.lowercased()) }
        if longer.count == 1, name.count >= 4 { return longer.first }
        let limit = max(1, name.count / 3)
        let ranked = names.map { ($0, distance(Array(name.lowercased()), Array($0.lowercased()))) }
        return ranked.filter { $0.1 <= limit }.min { $0.1 < $1.1 }?.0
    }

    /// How many characters have to be inserted, removed, replaced or swapped with their neighbour.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var best = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
                row.append(best)
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
