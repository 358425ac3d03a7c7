import Pipeline

/// What keeps clips from going on that is not of each clip by itself, such as a refused token or a service that is away:
/// said once, not for each of them.
struct CommonCauses {
    /// In the order in which clips met them.
    let causes: [(sentence: String, clips: Int)]

    /// - Parameter failures: Of the clips that are not where they should be, but for those of files.
    init(_ failures: [ClipFailure]) {
        var counts: [String: Int] = [:]
        var order: [String] = []
        var isOfTheCaller: Set<String> = []
        for failure in failures {
            guard let sentence = Self.sentence(of: failure) else { continue }
            if counts[sentence] == nil { order.append(sentence) }
            counts[sentence, default: 0] += 1
            if failure.kind == .notAllowed { isOfTheCaller.insert(sentence) }
        }
        causes = order.compactMap { sentence in
            let count = counts[sentence] ?? 0
            return count > 1 || isOfTheCaller.contains(sentence) ? (sentence, count) : nil
        }
    }

    /// Whether a clip's failure is one of these.
    func contains(_ failure: ClipFailure) -> Bool {
        let sentence = Self.sentence(of: failure)
        return causes.contains { $0.sentence == sentence }
    }

    /// What clips can have in common; nil for what is a clip's own.
    static func sentence(of failure: ClipFailure) -> String? {
        [.notAllowed, .temporary].contains(failure.kind) ? failure.cause ?? failure.reason : nil
    }
}

extension BatchOutcome {
    var commonCauses: CommonCauses {
        // What was left out for now, such as a file that can't be read, is of that file.
        CommonCauses(rows.filter { $0.entry.state != .skipped }.compactMap(\.failure))
    }

    /// Why clips are not where they should be, as far as they have that in common.
    var obstacles: [String] {
        let isNothingSent = rows.allSatisfy { $0.isUnchanged || $0.failure != nil } && timings.upload.bytes.isEmpty
        let causes = commonCauses.causes
        return causes.map { cause in
            if causes.count == 1, isNothingSent { return "nothing was sent: \(cause.sentence)" }
            return "\(cause.clips) of \(rows.count) clip\(rows.count == 1 ? "" : "s"): \(cause.sentence)"
        }
    }
}
