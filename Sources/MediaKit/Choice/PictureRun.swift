import ClipModel

/// One run of the decoder from a keyframe on, in which a frame every tenth of a second is compared with those around it.
struct PictureRun {
    private let chooser: PictureChooser
    private let limits: Limits

    /// Coded frames that are decoded at most.
    struct Limits {
        /// While every picture is blank.
        var blank = 1800
        /// Once one is not.
        var shown = 120
        /// Of a run for comparing.
        var compared = 300
        /// It does not end with the first picture that is good.
        var comparesAll = false
    }

    /// What came of it.
    struct Outcome {
        var best: PictureChooser.Candidate
        /// What was found of the frame that it began with; nil if that is not shown.
        var conditionAtStart: PictureCandidate.Condition?
    }

    init(_ chooser: PictureChooser, _ limits: Limits) {
        self.chooser = chooser
        self.limits = limits
    }

    /// The best frame that begins to be shown not before a time; the search holds it. Nil where there is none.
    func found(
        from start: Int, notBefore time: Int64, _ search: inout FrameSearch
    ) throws(MediaError) -> Outcome? {
        var steps: [Step] = []
        var best: Step?
        var conditionAtStart: PictureCandidate.Condition?
        func judge(_ index: Int) {
            let step = steps[index]
            step.judge(
                before: steps[max(0, index - 2)..<index], after: steps[(index + 1)..<min(steps.count, index + 3)])
            if step.candidate.number == start { conditionAtStart = step.candidate.condition }
            if best.map({ step.candidate.isBetter(than: $0.candidate) }) ?? true { best = step }
        }
        let before = search.decodedFrames
        var next = time
        // What nothing refers to is left out: any frame nearby will do.
        try search.begin(at: start, through: chooser.table.samples.count - 1, wanted: [start])
        while let number = try search.next() {
            guard search.decodedFrames - before <= mostFrames(best) else { break }
            guard let since = chooser.since(number), since >= next else { continue }
            next = since.addingClamped(spacing)
            steps.append(try step(number, since, search))
            guard steps.count > Step.lookahead else { continue }
            judge(steps.count - 1 - Step.lookahead)
            if best?.candidate.condition == .good, !limits.comparesAll { break }
            // Its picture was large; what was measured is enough from now on.
            for old in steps.dropLast(Step.lookahead) where old !== best { old.held = nil }
        }
        for index in max(0, steps.count - Step.lookahead)..<steps.count
        where best?.candidate.condition != .good || limits.comparesAll { judge(index) }
        guard let best else { return nil }
        // Where times of presentation are lacking, the frame shown at a time is found in another way.
        if let held = best.held, !chooser.table.isUntimed {
            search.hold(try held.frame.shared(), of: best.candidate.number)
        }
        return Outcome(best: best.candidate, conditionAtStart: conditionAtStart)
    }

    private func mostFrames(_ best: Step?) -> Int {
        guard let best, !best.candidate.condition.isBlank else { return limits.blank }
        return limits.comparesAll ? limits.compared : limits.shown
    }

    /// Units of the time base.
    private var spacing: Int64 { max(1, chooser.stream.units(milliseconds: 100)) }

    private func step(
        _ number: Int, _ since: Int64, _ search: borrowing FrameSearch
    ) throws(MediaError) -> Step {
        var candidate = PictureChooser.Candidate(number: number, since: since)
        candidate.measure(try SmallPicture(search.spare, chooser.tools))
        if search.isDamaged { candidate.condition = .damaged }
        let size = search.spare.size
        let isHeld = size.width * size.height <= Self.largestHeld
        return Step(candidate, isHeld ? Step.Held(try search.spare.shared()) : nil)
    }

    /// Pixels; larger pictures would take too much memory beside the decoder's, and are decoded again.
    private static let largestHeld = 4096 * 4096
}

/// A frame on the way.
private final class Step {
    /// How many steps after one are needed to judge it.
    static let lookahead = 2

    private(set) var candidate: PictureChooser.Candidate
    /// Its picture, as long as it may be wanted.
    var held: Held?

    final class Held {
        let frame: Frame

        init(_ frame: consuming Frame) {
            self.frame = frame
        }
    }

    init(_ candidate: PictureChooser.Candidate, _ held: Held?) {
        self.candidate = candidate
        self.held = held
    }

    /// Whether it stands still or is on its way to another picture, by up to two steps on each side.
    func judge(before: ArraySlice<Step>, after: ArraySlice<Step>) {
        guard !candidate.condition.isBlank, let picture = candidate.picture else { return }
        let ends = [before.first, after.last].compactMap { $0?.candidate.picture }
        if !ends.isEmpty, ends.allSatisfy({ picture.change(to: $0) < Self.alike }) {
            candidate.condition = .still
            return
        }
        let next = after.compactMap(\.candidate.picture)
        let isFading = next.last.map { picture.fades(to: $0) } ?? false
        let isBlended =
            next.count == 2 && SmallPicture.blend(picture, next[0], next[1])
            || before.last?.candidate.picture.map { earlier in
                next.first.map { SmallPicture.blend(earlier, picture, $0) } ?? false
            } ?? false
        if isFading || isBlended { candidate.condition = .fading }
    }

    /// Thousandths of a picture that may change while it counts as the same: a sign that turns.
    private static let alike = 5
}
