import ClipModel

/// What the fork server says once it is ready.
package struct ForkServerHello: Codable {
    /// Only two of the same version understand each other.
    var version = Version.current

    package init() {}
}

/// An order, or what became of it, with its number.
package struct Numbered<Content: Codable>: Codable {
    package var number: UInt64
    package var content: Content

    package init(number: UInt64, content: Content) {
        self.number = number
        self.content = content
    }
}

/// What the fork server is asked.
package enum ForkServerOrder: Codable {
    /// Start a worker, whose socket comes along and which may take so many bytes beside what it has; with what HDR needs
    /// or without.
    case start(memory: Int64, mapsColours: Bool)
    /// Kill a worker, unless it has ended by itself.
    case end(id: Int32)
}

/// What the fork server answers to an order.
package enum ForkServerReport: Codable {
    case started(id: Int32)
    /// The system's error code.
    case notStarted(code: Int32)
    /// As `waitpid` tells it.
    case ended(status: Int32)
}

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
