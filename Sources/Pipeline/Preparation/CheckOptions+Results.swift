import ClipModel

extension CheckOptions {
    /// What comes of each check for a clip: those that fail it first, each group in a fixed order.
    func results(_ media: MediaFacts, _ found: FoundStretches?) -> [CheckResult] {
        [(CheckLevel.fail, fail), (.warn, warn)].flatMap { level, checks in
            checks?.reasons(media, found).map { CheckResult($0.check, level, reason: $0.reason) } ?? []
        }
    }
}

extension CheckResult {
    /// What is said of a check that isn't met; nil for one that is.
    var sentence: String? { reason.map { "check \(check): \($0)" } }
}

extension CheckOptions.Checks {
    typealias Reason = (check: String, reason: String?)

    /// Each check that is asked for, and why it isn't met; nil if it is.
    fileprivate func reasons(_ media: MediaFacts, _ found: FoundStretches?) -> [Reason] {
        let video = media.video
        let shown = video.shownSize
        var reasons: [Reason] = []
        func check(_ name: String, _ isMet: Bool, _ reason: @autoclosure () -> String) {
            reasons.append((name, isMet ? nil : reason()))
        }
        if let codec {
            check("codec", codec.contains(video.codec), "the video is \(video.codec), not \(list(codec))")
        }
        if let minWidth {
            check("minWidth", shown.width >= minWidth, "\(shown.width) pixels, at least \(minWidth) are wanted")
        }
        if let minHeight {
            check("minHeight", shown.height >= minHeight, "\(shown.height) pixels, at least \(minHeight) are wanted")
        }
        if let frameRate { reasons += frameRate.reasons(video) }
        if let duration { reasons += duration.reasons(media.durationSeconds) }
        if let audio {
            let isMet = (media.audio != nil) == (audio == .required)
            check("audio", isMet, audio == .required ? "there is none" : "there is audio")
        }
        if let hdr {
            let isMet = (video.hdr != nil) == (hdr == .required)
            check("hdr", isMet, hdr == .required ? "it is not HDR" : "it is HDR (\(video.hdr ?? ""))")
        }
        if truncated == .forbidden { check("truncated", media.isTruncated != true, "the file is cut off") }
        if let limit = blackLongerThan { reasons.append(reason("blackLongerThan", limit, found?.black)) }
        if let limit = frozenLongerThan { reasons.append(reason("frozenLongerThan", limit, found?.frozen)) }
        if let limit = silentLongerThan {
            // Without a track it is silent all the time.
            let whole = FoundStretches.Stretch(start: 0, end: media.durationSeconds)
            reasons.append(reason("silentLongerThan", limit, media.audio == nil ? whole : found?.silent))
        }
        return reasons
    }

    private func reason(_ name: String, _ limit: Double, _ found: FoundStretches.Stretch?) -> Reason {
        guard let found, found.end - found.start > limit else { return (name, nil) }
        let (start, end) = (DecimalText.seconds(found.start), DecimalText.seconds(found.end))
        return (name, "from \(start) to \(end) s, longer than \(DecimalText.seconds(limit)) s")
    }

    private func list(_ names: [String]) -> String { names.joined(separator: " or ") }
}

extension CheckOptions.FrameRate {
    fileprivate func reasons(_ video: VideoFacts) -> [CheckOptions.Checks.Reason] {
        var reasons: [CheckOptions.Checks.Reason] = []
        let rate = video.framesPerSecond ?? 0
        let text = DecimalText.of(thousandths: rate * 1000)
        // 30000/1001 is meant by 29.97.
        if let min {
            reasons.append(
                ("frameRate.min", rate >= min - 0.005 ? nil : "\(text)/s, at least \(number(min))/s is wanted"))
        }
        if let max {
            reasons.append(
                ("frameRate.max", rate <= max + 0.005 ? nil : "\(text)/s, at most \(number(max))/s is wanted"))
        }
        if let constant {
            let isMet = (video.minFrameRate == nil) == constant
            reasons.append(("frameRate.constant", isMet ? nil : constant ? "it varies" : "it is constant"))
        }
        return reasons
    }

    private func number(_ rate: Double) -> String { DecimalText.of(thousandths: rate * 1000) }
}

extension CheckOptions.Durations {
    fileprivate func reasons(_ seconds: Double) -> [CheckOptions.Checks.Reason] {
        var reasons: [CheckOptions.Checks.Reason] = []
        let text = DecimalText.seconds(seconds)
        if let min {
            reasons.append(
                ("duration.min", seconds >= min ? nil : "\(text) s, at least \(DecimalText.seconds(min)) s is wanted"))
        }
        if let max {
            reasons.append(
                ("duration.max", seconds <= max ? nil : "\(text) s, at most \(DecimalText.seconds(max)) s is wanted"))
        }
        return reasons
    }
}

extension DecimalText {
    static func seconds(_ seconds: Double) -> String { of(thousandths: seconds * 1000) }
}

extension VideoFacts {
    /// Pixels of the picture as a player shows it: with square samples, and turned.
    var shownSize: (width: Int, height: Int) {
        let aspect = Self.number(sampleAspectRatio) ?? 1
        let wide = Int((Double(width) * max(aspect, 1e-6)).rounded().clamped(to: 1...1e9))
        let isTurned = rotation == 90 || rotation == 270
        return isTurned ? (height, wide) : (wide, height)
    }
}

extension Double {
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
