import SystemIO

/// Shares clips out among shards: the largest first, each to the shard with the fewest bytes. The same clips are always
/// shared out alike.
struct ShardAssignment {
    /// A heap of shards: the one with the fewest bytes, and of those the lowest number, comes first.
    private var heap: [(bytes: Int64, number: Int)]

    /// The number of the shard of each clip, from 1.
    static func shards(of clips: [(name: String, size: Int64)], count: Int) -> [Int] {
        var assignment = ShardAssignment(heap: (1...max(1, count)).map { (0, $0) })
        let order = clips.indices.sorted { left, right in
            clips[left].size == clips[right].size
                ? clips[left].name.comesBefore(clips[right].name) : clips[left].size > clips[right].size
        }
        var shards = [Int](repeating: 1, count: clips.count)
        for index in order { shards[index] = assignment.take(clips[index].size) }
        return shards
    }

    /// O(log n).
    private mutating func take(_ bytes: Int64) -> Int {
        let number = heap[0].number
        heap[0].bytes = heap[0].bytes.addingReportingOverflow(max(1, bytes)).partialValue
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
                if (heap[child].bytes, heap[child].number) < (heap[least].bytes, heap[least].number) { least = child }
            }
            guard least != place else { return number }
            heap.swapAt(place, least)
            place = least
        }
    }
}
