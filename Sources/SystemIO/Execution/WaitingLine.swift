/// First come, first served: what waits, of which the first is taken at a cost that does not depend on how long the line is.
struct WaitingLine<Element> {
    private var elements: [Element] = []
    private var served = 0

    mutating func append(_ element: Element) { elements.append(element) }

    /// Nil where nothing waits.
    mutating func popFirst() -> Element? {
        guard served < elements.count else { return nil }
        defer {
            served += 1
            // Served entries are dropped in bulk, so that a long line costs no shifting at each step.
            if served == elements.count || served > 1024 {
                elements.removeFirst(served)
                served = 0
            }
        }
        return elements[served]
    }
}
