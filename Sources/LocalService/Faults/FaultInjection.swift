/// Lets go wrong what the fault plan says.
struct FaultInjection: Middleware {
    let faults: Faults
    let records: ClipRecords

    func around(_ request: IncomingRequest, _ next: (IncomingRequest) -> Handling) -> Handling {
        var handling = next(request)
        guard let call = RoutedCall(request) else { return handling }
        handling.fault = faults.fault(for: call) {
            // Records that can't be read are the call's to tell of; until then the clip is like any other.
            call.clip.flatMap { try? records.clip($0) }?.tag ?? 0
        }
        return handling
    }
}

extension ClipRow {
    /// A number that depends on what was asked for only, not on the id: another run of the same program has it too.
    fileprivate var tag: UInt64 {
        let text = "\(request.fileSize) \(request.durationInSeconds) \(request.dateRecorded)"
        // FNV-1a
        return text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
