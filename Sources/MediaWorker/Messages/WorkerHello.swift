/// What a worker says once it is locked down.
package struct WorkerHello: Codable {
    var missing: [Protection]

    package init(missing: [Protection]) {
        self.missing = missing
    }
}

/// How a worker ends by itself.
package enum WorkerExit {
    /// The code of one that has no more memory; no other end has it.
    package static let outOfMemory: Int32 = 112
}
