import ClipModel

/// Chooses the frame that thumbnails show: the best of a few keyframes, and from there the first frame that is neither
/// blank nor on its way to another picture nor standing still.
///
/// What is decoded is bounded: `mostKeyframes`, each by itself, and then one run of the decoder. The choice is made from
/// whole numbers that are the same everywhere (`SmallPicture`); of equals the earlier one is taken.
struct PictureChooser {
    let stream: Stream
    let table: SampleTable
    let timeline: Timeline
    let tools: PictureTools

    /// Keyframes that are decoded at most.
    static let mostKeyframes = 12
    /// With fewer of them, the run from the best one is for comparing, too.
    private static let fewKeyframes = 3

    /// A frame, and what was measured of it.
    struct Candidate {
        /// Index of the sample.
        var number: Int
        /// When it begins to be shown, in units of the stream's time base.
        var since: Int64
        var picture: SmallPicture?
        var condition = PictureCandidate.Condition.damaged
        var score = 0

        /// Whether it is rather to be shown than another one.
        func isBetter(than other: Candidate) -> Bool {
            let conditions = PictureCandidate.Condition.allCases
            let ranks = [self, other].map { conditions.firstIndex(of: $0.condition) ?? conditions.count }
            return (ranks[0], -score, since) < (ranks[1], -other.score, other.since)
        }
    }

    /// What came of it.
    struct Choice {
        var chosen: Candidate
        /// All that were compared, in the order of their times; the chosen one is among them.
        var candidates: [Candidate]
        /// Of them, those that are keyframes.
        var keyframes: Int
    }

    // MARK: The best of all

    /// Nil where not one picture can be decoded in this way.
    func best(_ search: inout FrameSearch) throws(MediaError) -> Choice? {
        var candidates: [Candidate] = []
        for number in try spread(search.reader) { candidates.append(try measured(number, &search)) }
        markStill(&candidates)
        let first = candidates.indices.min { candidates[$0].isBetter(than: candidates[$1]) }
        // Where the best one stands still, it is not on its way to another picture, and all others are no better.
        if let first, candidates[first].condition == .still { return choice(of: candidates, nil) }
        let start = if let first { candidates[first].number } else { try search.reader.firstStart() }
        var limits = PictureRun.Limits()
        limits.comparesAll = candidates.count < Self.fewKeyframes
        // A recording that is blank all over has been seen to be.
        if candidates.count >= Self.fewKeyframes { limits.blank = limits.shown }
        let run = try PictureRun(self, limits).found(from: start, notBefore: 0, &search)
        if let first, let condition = run?.conditionAtStart { candidates[first].condition = condition }
        return choice(of: candidates, run?.best)
    }

    /// Keyframes that are spread over what is shown, in order.
    private func spread(_ reader: borrowing SampleReader) throws(MediaError) -> [Int] {
        var numbers: [Int] = []
        for part in 0..<Int64(Self.mostKeyframes) {
            // In the middle of each twelfth.
            let (time, overflow) = timeline.duration.multipliedReportingOverflow(by: 2 * part + 1)
            guard !overflow else { break }
            let shown = timeline.shown(at: time / Int64(2 * Self.mostKeyframes), in: table)
            let frame = table.index(atPlace: shown.place)
            guard let keyframe = try reader.start(notAfter: frame, for: frame), since(keyframe) != nil,
                !numbers.contains(keyframe)
            else { continue }
            numbers.append(keyframe)
        }
        return numbers
    }

    /// Those that look like one beside them are loading screens, as a rule, or the game stands still.
    private func markStill(_ candidates: inout [Candidate]) {
        let pairs = candidates.indices.dropFirst().filter { index in
            guard let one = candidates[index - 1].picture, let other = candidates[index].picture else { return false }
            return one.change(to: other) < Self.alike
        }
        for index in pairs {
            for index in [index - 1, index] where !candidates[index].condition.isBlank {
                candidates[index].condition = .still
            }
        }
    }

    /// Thousandths of a picture that may change while it counts as the same.
    private static let alike = 20

    // MARK: The next one

    /// The first frame after one that is not blank; nil where none is found among the next keyframes, and in the run from
    /// the last one before.
    func next(after frame: Int, since time: Int64, _ search: inout FrameSearch) throws(MediaError) -> Choice? {
        var candidates: [Candidate] = []
        var index = frame + 1
        let shown = table.samples[frame].presentation
        while index < table.samples.count, candidates.count < Self.mostKeyframes {
            defer { index += 1 }
            guard table.samples[index].presentation > shown, since(index) ?? .min > time,
                try search.reader.canStart(at: index)
            else { continue }
            candidates.append(try measured(index, &search))
            if candidates.last?.condition.isBlank == false { break }
        }
        var start = candidates.last.flatMap { $0.condition.isBlank ? nil : $0.number }
        if start == nil { start = try search.reader.start(notAfter: frame, for: frame) }
        guard let start else { return nil }
        let run = try PictureRun(self, .init()).found(
            from: start, notBefore: time.addingClamped(1), &search)
        let choice = choice(of: candidates, run?.best)
        return choice?.chosen.condition.isBlank == false ? choice : nil
    }

    // MARK: Both

    /// Decodes a keyframe by itself and measures it.
    private func measured(_ number: Int, _ search: inout FrameSearch) throws(MediaError) -> Candidate {
        var candidate = Candidate(number: number, since: since(number) ?? 0)
        try search.begin(at: number, through: number, wanted: [number])
        while let found = try search.next() {
            guard found == number, !search.isDamaged else { continue }
            candidate.measure(try SmallPicture(search.spare, tools))
        }
        return candidate
    }

    /// When a frame begins to be shown.
    func since(_ number: Int) -> Int64? { timeline.presented(table.samples[number].presentation) }

    private func choice(of keyframes: [Candidate], _ fromRun: Candidate?) -> Choice? {
        var all = keyframes.filter { $0.picture != nil }
        if let fromRun {
            all.removeAll { $0.number == fromRun.number }
            all.append(fromRun)
        }
        guard let chosen = all.min(by: { $0.isBetter(than: $1) }) else { return nil }
        // What was run from and passed over is no better for having a higher score.
        let best = fromRun.flatMap { $0.condition == .good ? $0 : nil } ?? chosen
        return Choice(
            chosen: best, candidates: all.sorted { ($0.since, $0.number) < ($1.since, $1.number) },
            keyframes: keyframes.count)
    }
}

extension PictureChooser.Candidate {
    mutating func measure(_ picture: SmallPicture) {
        self.picture = picture
        condition = picture.condition
        score = picture.score
    }
}
