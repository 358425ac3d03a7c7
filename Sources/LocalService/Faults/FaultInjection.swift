/// Lets go wrong what the fault plan says.
struct FaultInjection: Middleware {
    let faults: Faults
    let records: ClipRecords

    func around(_ request: IncomingRequest, _ next: (IncomingRequest) -> Handling) -> Handling {
        var handling = next(request)
        guard let call = RoutedCall(request) else { return handling }
        handling.fault = faults.fault(for: call) {
            // Records that can't be read are the call's to tell of; until then the clip is like any other.
            call.clip.flatMap { try? records.clip($0) }?.traits ?? []
        }
        return handling
    }
}

extension ClipRow {
    /// Numbers that depend on what was asked for only, not on the id: another run of the same program has them too.
    fileprivate var traits: [UInt64] {
        [UInt64(request.fileSize), UInt64(request.durationInSeconds)] + request.dateRecorded.utf8.map(UInt64.init)
    }
}
