import ClipModel
import FoundationEssentials

/// The name that a recorder gave a file, with the local time at which the recording began.
struct RecordedName: Hashable {
    var recorder: Recorder?
    /// Seconds since 1970-01-01T00:00:00 on the recorder's own clock, whatever its zone.
    var localSeconds: Int64

    /// Nil when it is not one of those that are known.
    ///
    /// - ShadowPlay: `Game 2021.05.10 - 13.49.56.02.DVR.mp4`
    /// - OBS: `2026-11-02 21-14-03.mp4`, `Replay 2026-11-02 21-14-03.mp4`
    /// - Bandicam: `bandicam 2026-11-02 21-14-03-123.mp4`
    /// - Xbox Game Bar: `Game 2026-11-02 21-14-03.mp4`
    /// - Android: `Screen_Recording_20261102-211403_Game.mp4`, `VID_20261102_211403.mp4`
    init?(_ name: String) {
        let text = name.split(separator: ".").dropLast().joined(separator: ".")
        if let match = text.wholeMatch(of: #/.* (\d{4})\.(\d\d)\.(\d\d) - (\d\d)\.(\d\d)\.(\d\d)\.\d\d(\.DVR)?/#) {
            let time = [match.1, match.2, match.3, match.4, match.5, match.6]
            self.init(.shadowPlay, time)
        } else if let match = text.wholeMatch(of: #/(.*?)(\d{4})-(\d\d)-(\d\d) (\d\d)-(\d\d)-(\d\d)(-\d{3})?/#) {
            let time = [match.2, match.3, match.4, match.5, match.6, match.7]
            self.init(Self.recorder(before: match.1, hasMilliseconds: match.8 != nil), time)
        } else if let match = text.wholeMatch(
            of: #/(Screen_Recording_|Screenrecorder-|VID_)(\d{4})-?(\d\d)-?(\d\d)[-_](\d\d)-?(\d\d)-?(\d\d)([_-].*)?/#)
        {
            let time = [match.2, match.3, match.4, match.5, match.6, match.7]
            self.init(.android, time)
        } else {
            return nil
        }
    }

    private static func recorder(before prefix: Substring, hasMilliseconds: Bool) -> Recorder? {
        if hasMilliseconds { return prefix.lowercased().hasPrefix("bandicam") ? .bandicam : nil }
        return prefix.isEmpty || prefix == "Replay " ? .obs : prefix.hasSuffix(" ") ? .xboxGameBar : nil
    }

    /// Nil for a time that does not exist.
    private init?(_ recorder: Recorder?, _ parts: [Substring]) {
        let text = "\(parts[0])-\(parts[1])-\(parts[2])T\(parts[3]):\(parts[4]):\(parts[5])Z"
        guard let time = Timestamp(parsing: text) else { return nil }
        self.recorder = recorder
        localSeconds = time.seconds
    }
}

extension RecordedName {
    /// The start in UTC: zones are whole quarters of an hour apart, so that a time known to be that of the start or of
    /// the end tells which one it was. Nil when none of the times fits.
    ///
    /// - Parameter duration: Seconds.
    func start(near times: [Timestamp], lasting duration: Double) -> Timestamp? {
        let length = Int64(min(max(duration.rounded(), 0), 1e9))
        for known in times.flatMap({ [$0.seconds, $0.seconds - length] }) {
            let difference = localSeconds - known
            let zone = Int64((Double(difference) / Self.quarter).rounded()) * Int64(Self.quarter)
            if abs(difference - zone) <= Self.leeway, (-12 * 3600...14 * 3600).contains(zone) {
                return Timestamp(seconds: localSeconds - zone)
            }
        }
        return nil
    }

    /// Seconds.
    private static let quarter = 900.0
    /// Seconds that a recorder takes to begin or to finish a file.
    private static let leeway: Int64 = 60
}
