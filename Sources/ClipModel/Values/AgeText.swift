/// How long ago something was, as people say it.
package enum AgeText {
    /// In the largest unit of which there are two or more: `45 s`, `90 min`, `30 h`, `3 d`.
    package static func words(for age: Duration) -> String {
        let seconds = max(0, age.components.seconds)
        return switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) d"
        }
    }
}
