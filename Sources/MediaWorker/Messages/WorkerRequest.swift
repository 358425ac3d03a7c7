import ClipModel
import FoundationEssentials

/// What a worker is asked, beside the file.
struct WorkerRequest: Codable {
    var media: MediaRequest
    #if DEBUG
    var misbehaviour: Misbehaviour?
    #endif
}

/// What a worker says once it is locked down.
struct WorkerHello: Codable {
    var missing: [Protection]
}
