/// A number of slots that tasks take and give back; who finds none free waits in line.
public final class Slots: Sendable {
    private struct Line {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
        var served = 0
    }

    private let line: Guarded<Line>

    /// `count` below 1 is taken as 1.
    public init(_ count: Int) {
        line = Guarded(Line(free: max(1, count)))
    }

    /// Runs `body` while it holds a slot.
    public func withSlot<Value, Failure: Error>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        await take()
        defer { giveBack() }
        return try await body()
    }

    /// A slot to be held beyond one call.
    public func place() async -> Place {
        await take()
        return Place(self)
    }

    /// A slot that somebody holds until they leave it, or nobody has it any more.
    public final class Place: Sendable {
        private let slots: Guarded<Slots?>

        fileprivate init(_ slots: Slots) {
            self.slots = Guarded(slots)
        }

        deinit {
            leave()
        }

        /// Only the first call has an effect.
        public func leave() {
            slots.withLock { $0.take() }?.giveBack()
        }
    }

    private func take() async {
        await withCheckedContinuation { continuation in
            let hasSlot = line.withLock { line in
                guard line.free == 0 else {
                    line.free -= 1
                    return true
                }
                line.waiting.append(continuation)
                return false
            }
            if hasSlot { continuation.resume() }
        }
    }

    private func giveBack() {
        let next = line.withLock { line -> CheckedContinuation<Void, Never>? in
            guard line.served < line.waiting.count else {
                line.free += 1
                return nil
            }
            defer {
                line.served += 1
                // Served entries are dropped in bulk, so that a long line costs no shifting at each step.
                if line.served == line.waiting.count || line.served > 1024 {
                    line.waiting.removeFirst(line.served)
                    line.served = 0
                }
            }
            return line.waiting[line.served]
        }
        next?.resume()
    }
}
