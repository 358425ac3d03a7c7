import CLinux
import Dispatch

extension Array where Element: Sendable {
    /// Gives a part of the array to each processor that the process may run on (`sched_getaffinity`), and returns what `body`
    /// makes of the parts, in their order. No part has fewer elements than `least` but where there is only one, which may
    /// be empty. The first part is done on this thread.
    public func onAllProcessors<Result: Sendable>(
        atLeast least: Int, _ body: @Sendable (ArraySlice<Element>) -> Result
    ) -> [Result] {
        let parts = Swift.max(1, Swift.min(Int(clinux_processors()), count / Swift.max(1, least)))
        guard parts > 1 else { return [body(self[...])] }
        Blocking.note("work on all processors")
        let others = Locked<[Result?]>(Array<Result?>(repeating: nil, count: parts - 1))
        let first = withoutActuallyEscaping(body) { body in
            let group = DispatchGroup()
            for part in 1..<parts {
                DispatchQueue.global().async(group: group) {
                    let result = body(self[count * part / parts..<count * (part + 1) / parts])
                    others.withLock { $0[part - 1] = result }
                }
            }
            let first = body(self[..<(count / parts)])
            group.wait()
            return first
        }
        return [first] + others.withLock { $0.compactMap(\.self) }
    }
}
