import ClipModel

/// When a recording began, and how that is known: the first that there is of
///
/// 1. the sidecar,
/// 2. the container's creation date with its zone, which Apple's recorders write of the start,
/// 3. the name that a known recorder gave the file, which has no zone: it is taken only where the container's or the
///    file's own time tells the zone,
/// 4. the container's `creation_time`, less the duration for writers that write it when they end,
/// 5. the file's last change, less the duration.
struct RecordingDate: Hashable {
    var time: Timestamp
    var source: RecordingDateSource

    /// - Parameters:
    ///   - name: The file's, without its folder.
    ///   - modified: When the file was last changed.
    init(sidecar: Timestamp?, media: MediaAnswer, name: String, modified: Timestamp) {
        let duration = media.facts.durationSeconds
        let named = RecordedName(name)
        if let sidecar {
            self.init(time: sidecar, source: .sidecar)
        } else if let date = media.creationDate {
            self.init(time: date, source: .creationDate)
        } else if let date = named?.start(near: [media.creationTime, modified].compactMap(\.self), lasting: duration) {
            self.init(time: date, source: .name)
        } else if let date = media.creationTime {
            let isEnd = (media.facts.recorder ?? named?.recorder)?.writesEnd == true
            self.init(time: isEnd ? date.earlier(by: duration) : date, source: .container)
        } else {
            self.init(time: modified.earlier(by: duration), source: .file)
        }
    }

    private init(time: Timestamp, source: RecordingDateSource) {
        self.time = time
        self.source = source
    }
}

extension Recorder {
    /// `creation_time` is when the recording ended, or was trimmed.
    var writesEnd: Bool { self == .apple }
}

extension Timestamp {
    /// So many seconds before, to the second: what they are taken from is not known better.
    func earlier(by duration: Double) -> Timestamp {
        let whole = Int64(min(max(duration.rounded(), 0), 1e9))
        return Timestamp(seconds: seconds - whole, ticks: ticks)
    }
}
