public import FoundationEssentials
import CCurl

/// A date of RFC 9110, section 5.6.7, in any of its three forms.
public enum HTTPDate {
    /// Nil for what is no date (`curl_getdate`).
    public static func parse(_ text: String) -> Date? {
        let seconds = curl_getdate(text, nil)
        // -1 is what there is for an error, and a second that no service writes about.
        return seconds == -1 ? nil : Date(timeIntervalSince1970: Double(seconds))
    }
}
