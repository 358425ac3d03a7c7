import XboxServices

/// When one clip's initial request, whose answers get lost, is tried again: with a look at the service before each
/// attempt, and with the waits of the back-off.
struct RequestAttempts {
    private var backOff: BackOff
    /// Only the waits count: looking takes as long as it takes.
    private var waited = Duration.zero
    private var lost: ServiceFailure?
    private var count = 0

    /// - Parameter window: For which it is tried; nil for the usual time.
    init(for window: Duration?) {
        var policy = BackOff.Policy()
        if let window { policy.window = window }
        backOff = BackOff(policy, at: .zero)
    }

    /// The request may have had its effect.
    mutating func noteLostAnswer(_ failure: ServiceFailure) {
        lost = failure
        count += 1
    }

    /// How long to wait before the service is asked what it has; nil where nothing was lost in this run.
    ///
    /// - Throws: a temporary failure when the window for trying is over.
    mutating func waitBeforeLooking() throws(ClipFailure) -> Duration? {
        guard let lost else { return nil }
        self.lost = nil
        var random = SystemRandomNumberGenerator()
        guard let wait = backOff.wait(at: waited, using: &random) else {
            throw ClipFailure(
                .temporary, "\(lost); tried \(count) times, and the service was asked each time whether it had happened"
            )
        }
        waited += wait
        return wait
    }
}
