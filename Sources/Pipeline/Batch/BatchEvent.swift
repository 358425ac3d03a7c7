public import ClipModel

/// What one clip is going through.
public enum ClipStage: String, Hashable, Sendable {
    case measuring
    case writing
    case waiting
    case reconciling
    case requesting
    case uploading
    /// The service has every byte, and is at work on it.
    case uploaded
}

/// What happens during a run, for whoever shows it.
public enum BatchEvent: Sendable {
    /// The clips with something left to do, and the sizes of their files. Comes once, before any of them is begun.
    case planned([String: ByteCount], areSubmitted: Bool)
    /// A clip entered a stage.
    case stage(clip: String, ClipStage)
    /// The service acknowledged bytes of a clip: so many of all.
    case progress(clip: String, acknowledged: ByteCount, of: ByteCount)
    /// So many bytes of a clip have left this machine, what the service had before among them. Less than before where
    /// a part has to be sent again.
    case sent(clip: String, ByteCount)
    /// A clip is where it will be at the end of this run; an unchanged one was there before. With a failure it is not
    /// where it should be.
    case finished(BatchReport.Entry, ClipFailure?, isUnchanged: Bool)
    /// Something worth knowing that is no failure.
    case warning(clip: String?, String)
    /// What the run as a whole is doing.
    case notice(String)
}

/// Shows or keeps what happens; called from any thread, and must be quick.
public protocol BatchObserver: Sendable {
    func observe(_ event: BatchEvent)
}
