/// Everything of a run that may be another one the next time.
struct Setup: Hashable, Sendable {
    var division = Division.usual
    var sessionRef = "sweep"
    /// Members of the pipeline's `request`, as YAML.
    var request = ["userCaption": "\"{clip.name}, as it was\"", "visibility": "Title", "titleData": "{round: 1}"]
    var thumbnails = "{source: Default}"
    var waitFor = "published"
    /// The file beside the clip; nil for none.
    var sidecar: String?
    /// The clip's name.
    var clip = ChangeBench.clip
    /// What is in it.
    var recording = "first"

    /// How the clip that changes is divided into blocks.
    enum Division: Hashable, Sendable {
        case usual
        /// Into as many, of another size.
        case sameCount
        /// Into fewer.
        case otherCount

        /// The size of a block, in bytes, for a file of so many.
        func blockSize(of file: Int) -> Int {
            let usual = 1_000
            let count = (file + usual - 1) / usual
            return switch self {
            case .usual: usual
            case .sameCount: (file + count - 2) / (count - 1) - 1
            case .otherCount: usual * 2 + 1
            }
        }
    }
}

/// One thing that is changed between a run that was killed and the next.
struct Change: Hashable, Sendable {
    var name: String
    var before = Setup()
    var after: Setup
    /// So many clips are others by it: what they were before may be there too, if it was all up.
    var otherClips: Int
    /// What was half up of a clip that has no manifest any more is not removed by a run, but by
    /// `clipship status --reconcile --fix`.
    var isReconciled: Bool

    private init(
        _ name: String, otherClips: Int = 0, isReconciled: Bool = false, _ change: (inout Setup, inout Setup) -> Void
    ) {
        self.name = name
        self.otherClips = otherClips
        self.isReconciled = isReconciled
        after = Setup()
        change(&before, &after)
    }

    /// Every kind.
    static let all = [
        sameCount,
        Change("another number of blocks") { $1.division = .otherCount },
        caption,
        Change("visibility") { $1.request["visibility"] = "Public" },
        Change("title data") { $1.request["titleData"] = "{round: 2}" },
        Change("title data that goes") { $1.request["titleData"] = nil },
        users,
        Change("users in the session that go") { before, _ in
            before.request["usersInSession"] = "[\"2716903703773872\"]"
        },
        Change("the session", otherClips: 2) { $1.sessionRef = "another" },
        sidecarThatComes,
        Change("a sidecar that goes") { before, _ in before.sidecar = "userCaption: from beside it" },
        Change("a sidecar that changes") { before, after in
            before.sidecar = "{userCaption: from beside it, dateRecorded: 2025-11-08T20:14:31Z}"
            after.sidecar = "{userCaption: from beside it, dateRecorded: 2025-11-08T20:14:32Z}"
        },
        recordedAnew,
        Change("the clip's name", otherClips: 1, isReconciled: true) { $1.clip = "renamed" },
        Change("the source of the thumbnails") { $1.thumbnails = "{source: Upload}" },
        Change("the place of the thumbnails") { before, after in
            before.thumbnails = "{source: Offset, offset: 100}"
            after.thumbnails = "{source: Offset, offset: 500}"
        },
        waitFor,
    ]

    static let sameCount = Change("blocks of another size, as many") { $1.division = .sameCount }
    static let caption = Change("the caption") { $1.request["userCaption"] = "\"{clip.name}, as it is\"" }
    static let users = Change("users in the session") { $1.request["usersInSession"] = "[\"2716903703773872\"]" }
    static let sidecarThatComes = Change("a sidecar that comes") {
        $1.sidecar = "{userCaption: new, visibility: Owner}"
    }
    static let recordedAnew = Change("a recording again", otherClips: 1) { $1.recording = "again" }
    static let waitFor = Change("what is waited for") { before, _ in before.waitFor = "uploaded" }
}
