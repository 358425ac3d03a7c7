/// What the nursery is asked.
enum NurseryOrder: Codable {
    /// Do what is otherwise put off until the first file, for workers will be wanted; nothing is reported.
    case prepare
    /// Start a worker, whose socket comes along and which may take so many bytes beside what it has; with what HDR needs
    /// or without.
    case start(memory: Int64, mapsColours: Bool)
    /// Kill a worker, unless it has ended by itself.
    case end(id: Int32)
}

/// What the nursery answers to an order.
enum NurseryReport: Codable {
    case started(id: Int32)
    /// The system's error code.
    case notStarted(code: Int32)
    /// As `waitpid` tells it.
    case ended(status: Int32)
}
