import ClipModel
import Journal

/// The submission of one clip as a state machine: events in, actions out. There is no I/O and no clock in it, so that each
/// way through it can be walked in a test; `SubmissionDriver` carries out its actions.
///
/// It waits for the outcome of one `step` at a time, but for blocks, of which several are on their way, and the list may be
/// asked for beside the first. What follows a step whatever comes of it stands in `script`; when that is empty, the journal's record decides what is next.
struct ClipSubmission: Hashable, Sendable {
    let order: Order
    let rules: Rules
    let purpose: Purpose

    /// What the journal knows of the clip.
    var record: ClipRecord?
    var step = Step.idle
    var script: [Step] = []
    /// Where it has got its turn; nil where it has none.
    var queue: Queue?
    var sending = Sending()
    var watch: Watch
    var isStopping = false

    /// An id may be on the service that nobody knows: an answer was lost, or may have been.
    var mayHaveStray = false
    /// When an id was last asked for whose answer is not known; nil where there is none, or it is too long ago to come.
    var unanswered: Timestamp?
    var hasWaitedForRequest = false
    var hasLooked = false
    /// The list was seen in this run to show what the service issues.
    var listShows = false
    /// What the service had in full was looked for, or is new.
    var hasChecked = false
    /// Each of these happens once a run at the most.
    var hasBegunAnew = false
    var hasRecreated = false
    var hasSentAgain = false
    var hasUpdated = false
    var hasToldOfChanges = false
    /// When its own id was first missed in the list.
    var unlistedSince: Duration?

    init(_ order: Order, by rules: Rules, for purpose: Purpose = .publication) {
        self.order = order
        self.rules = rules
        self.purpose = purpose
        watch = Watch(wait: rules.polling.first)
        unanswered = order.unanswered
    }
}

// MARK: - What it knows

extension ClipSubmission {
    /// What is submitted.
    struct Order: Hashable, Sendable {
        /// See `ClipKey`.
        var key: String
        var name: String
        var scid: String
        var blockCount: Int
        /// Bytes.
        var blockSize: Int64
        var digests: SubmissionDigests
        /// The service is to show our thumbnails, and not its own.
        var needsThumbnails: Bool
        /// When an earlier run last asked for an id, at whatever address, whose answer is not known.
        var unanswered: Timestamp?
    }

    /// By what it goes.
    struct Rules: Hashable, Sendable {
        var goal = SubmitOptions.Goal.published
        var recreates = false
        var checksPublished = false
        var whenChanged = SubmitOptions.WhenChanged.update
        var whenUnlisted = SubmitOptions.WhenUnlisted.stop
        var takeOverAfter = Duration.seconds(86_400)
        /// The most blocks of the clip that go up at once.
        var blocksInFlight = 4
        /// A clip of no more blocks than this doesn't wait for longer ones.
        var blocksOfShort = 4
        var polling = Polling()
        /// The date when the driver's clock was at zero.
        var start = Timestamp(seconds: 0)
        /// Who we are: `Journal.owner`.
        var owner: String
        /// `Journal.formerOwners`: their ids are ours.
        var formerOwners: Set<String> = []
    }

    enum Purpose: Hashable, Sendable {
        case publication
        /// The clip is another one by now: what waits for blocks is removed, what is complete stays.
        case withdrawal
        /// The service had it in full: whether it still has. Nothing on the service changes.
        case check
    }

    /// Where clips wait for their turn.
    enum Queue: Hashable, Sendable, CaseIterable {
        /// Clips of many blocks.
        case long
        /// Clips whose blocks all go up at once, which must not wait until hours of others are up.
        case short
        /// Clips that are only asked about: that takes its time and none of ours.
        case watched
    }

    /// A clip of this key as the service tells of it.
    struct RemoteClip: Hashable, Sendable {
        var id: String
        var state: GameClipState
        /// Nil for one that an older clipship asked for.
        var owner: String?
        /// Since it was asked for, or last changed where that isn't known; nil where neither is.
        var age: Duration?
        /// Of what the service lets be changed.
        var changeable: String
        /// What it is said to be that the clip with its key is not, whatever its marker says; nil if nothing.
        var contradiction: String?
        /// When it was recorded, where that is not what the manifest says: the same file may have been taken for younger.
        var otherDate: String?

        var outlook: GameClipState.Outlook { state.outlook }
    }

    /// What the service's list has of this key.
    struct Listing: Hashable, Sendable {
        /// In the order in which they were asked for, the oldest first.
        var clips: [RemoteClip]
        var trust = Trust.unknown
    }

    /// Whether the list shows what the service has just issued; looked at in each run.
    enum Trust: Hashable, Sendable {
        case unknown
        /// It was seen to.
        case shows
        /// It was seen not to.
        case isBlind
    }

    /// How old an answer of the service's list may be.
    enum ListAge: Hashable, Sendable {
        /// Asked for after this.
        case new
        /// Of a moment ago.
        case recent
        /// Of this run: what was there when somebody asked.
        case ofThisRun
    }

    /// Something that goes up.
    enum Part: Hashable, Sendable {
        case thumbnail(ThumbnailType)
        case block(Int)
    }

    /// Parts that go up.
    struct Sending: Hashable, Sendable {
        var waiting: [Part] = []
        var inFlight: Set<Part> = []
        /// Thumbnails that the service refuses and can do without.
        var leftOut: Set<ThumbnailType> = []
        /// The first; nothing more is begun after it.
        var failure: ClipFailure?
        var isCommitted = false
        var rivals = RivalCheck.done
    }

    /// Whether somebody was there before, where that is asked while blocks go up. Until nobody was, one block is kept back, so
    /// that nothing can be published.
    enum RivalCheck: Hashable, Sendable {
        case done
        case asking
        /// Nobody was, and the journal is being told.
        case noting
        /// Somebody was, or it isn't sure: nothing more is begun.
        case found(Listing)
        case failed(ClipFailure)
    }

    /// The wait for a clip that the service, or another output folder, is at work on.
    struct Watch: Hashable, Sendable {
        /// When it began; nil before it has.
        var since: Duration?
        /// Before the next question.
        var wait: Duration
        /// In all, while the service waited for blocks.
        var waited = Duration.zero
    }
}

// MARK: - What it waits for

extension ClipSubmission {
    /// What is under way. Each has one action, and events that end it.
    enum Step: Hashable, Sendable {
        case idle
        case turn(Queue)
        case open
        case list(Look)
        case inspect(String, Inspection)
        case delete(String, Removal)
        case note(Note)
        case request
        case send
        case update(String)
        case pause(Pause)
        /// The end; it has no action but to say so.
        case fail(ClipFailure)
        case succeed
        case over
    }

    /// Why the list is asked for.
    enum Look: Hashable, Sendable {
        /// An id is about to be asked for.
        case beforeRequest
        /// An id was or was not asked for.
        case afterLostAnswer
        /// An id was issued, and nothing goes up before it is known whether somebody was there before.
        case afterRequest
        /// All is done, and what nobody knows of is to go: also what was asked for and came late.
        case forStrays
        /// The id is gone, and every byte of it had been there.
        case afterLoss
        /// The service had all of it; whether it still has.
        case forCheck
        /// For `Purpose.withdrawal`.
        case forWithdrawal
    }

    /// Why one clip is looked at.
    enum Inspection: Hashable, Sendable {
        /// It is ours, and to be published.
        case own
        /// Somebody else is uploading it; since then.
        case rival(RemoteClip, Duration)
        /// It is to be deleted, if it still waits for blocks.
        case removal(Removal)
        /// Its upload was refused.
        case refused(ClipFailure)
        /// The list does not show it.
        case unlisted
        /// The list does not show it, and once the service had all of it.
        case check
        /// For `Purpose.withdrawal`.
        case withdrawal
    }

    /// Why an id is deleted.
    enum Removal: Hashable, Sendable {
        /// We asked for it, and don't know its address.
        case stray
        /// Whoever asked for it has been gone for long.
        case abandoned
        /// Somebody was there before us, or has published the clip.
        case yielding
        /// The upload starts over.
        case anew
        /// It can't be used.
        case useless(ClipFailure)
        /// For `Purpose.withdrawal`.
        case withdrawal
    }

    enum Pause: Hashable, Sendable {
        /// As long as the back-off after lost answers says.
        case backOff
        case exactly(Duration)
    }

    /// What is written to the journal.
    enum Note: Hashable, Sendable {
        case keep(ClipRecord)
        /// Nobody else was there before. If that is lost in a power cut, it is looked at again.
        case confirm
        /// - Parameter unanswered: When an id was last asked for whose answer is not known.
        case forget(unanswered: Timestamp? = nil)
    }
}

// MARK: - In and out

extension ClipSubmission {
    /// What has happened.
    enum Event: Hashable, Sendable {
        /// With what the journal knows.
        case start(ClipRecord?)
        case permitted
        case opened
        case listed(Listing)
        /// Nil: it is gone.
        case inspected(RemoteClip?)
        /// Or it was gone.
        case deleted
        case noted
        case issued(InitialUploadResponse)
        /// The service has acknowledged a part, and the journal knows.
        case sent(Part, isCommitted: Bool)
        case sendFailed(Part, ClipFailure)
        case updated
        case waited
        /// What was under way came to nothing, and why.
        case failed(ClipFailure)
        /// Nothing new is to be begun.
        case stop
    }

    /// What is to be done; each of the first kind is answered by an event.
    enum Action: Hashable, Sendable {
        case enter(Queue)
        case open
        case list(ListAge)
        case inspect(String)
        case delete(String)
        case note(Note)
        case request
        /// - Parameter leaving: The turn is over when it is on its way.
        case send(Part, leaving: Bool)
        case update(String)
        case pause(Pause)

        case leave
        case stage(ClipStage)
        /// A warning.
        case say(String)
        /// What the list was seen to be, for all clips of this run.
        case trust(Trust)
        case finish(Outcome)
    }

    enum Outcome: Hashable, Sendable {
        case success
        case failure(ClipFailure)
    }
}
