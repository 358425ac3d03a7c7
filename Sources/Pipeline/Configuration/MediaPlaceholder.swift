import ClipModel
import FoundationEssentials

/// A placeholder for what is true of the clip: `media.title`, `media.chapter[1]`, or with the text for clips that have
/// no such thing, `media.title|Untitled`.
struct MediaPlaceholder: Hashable, Sendable {
    private let fact: Fact
    /// What stands there in a clip without it; nil if the clip fails then.
    private let fallback: String?

    private enum Fact: Hashable {
        case named(Name)
        /// The title of a chapter, counted from 1.
        case chapter(Int)
    }

    private enum Name: String, CaseIterable {
        case title, artist, recorder, timeCode, container, duration, codec, profile, width, height, frameRate, hdr
        case audioCodec
    }

    /// What is wrong with one.
    enum Mistake: Error, Hashable, Sendable, CustomStringConvertible {
        case unknown(String, closest: String?)
        case noNumber(String)

        var description: String {
            switch self {
            case .unknown(let text, let closest?):
                "unknown placeholder {\(text)}; did you mean {media.\(closest)}?"
            case .unknown(let text, nil):
                "unknown placeholder {\(text)}; known: "
                    + (Name.allCases.map { "media.\($0.rawValue)" } + ["media.chapter[1]"]).joined(separator: ", ")
            case .noNumber(let text):
                "{\(text)}: chapters are counted from 1, as in {media.chapter[1]}"
            }
        }
    }

    /// Whether a placeholder's name is meant to be one.
    static func isMeant(by text: String) -> Bool { text.hasPrefix("media.") }

    init(_ text: String) throws(Mistake) {
        let parts = text.dropFirst("media.".count).split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first.map(String.init) ?? ""
        fallback = parts.count > 1 ? String(parts[1]) : nil
        if name == "chapter" || name.hasPrefix("chapter[") {
            guard name.hasSuffix("]"), let number = Int(name.dropFirst("chapter[".count).dropLast()), number > 0 else {
                throw .noNumber(text)
            }
            fact = .chapter(number)
        } else if let known = Name(rawValue: name) {
            fact = .named(known)
        } else {
            let names = Name.allCases.map(\.rawValue) + ["chapter[1]"]
            throw .unknown(text, closest: Suggestion.closest(to: name, among: names))
        }
    }

    /// Nil where the clip has no such thing.
    private func text(_ media: MediaFacts) -> String? {
        switch fact {
        case .chapter(let number): (media.chapters ?? []).count >= number ? media.chapters?[number - 1].title : nil
        case .named(let name): Self.text(name, media)
        }
    }

    private static func text(_ name: Name, _ media: MediaFacts) -> String? {
        switch name {
        case .title: media.title
        case .artist: media.artist
        case .recorder: media.recorder?.rawValue
        case .timeCode: media.timeCode
        case .container: media.container
        case .duration: DecimalText.of(thousandths: media.durationSeconds * 1000)
        case .codec: media.video.codec
        case .profile: media.video.profile
        case .width: String(media.video.width)
        case .height: String(media.video.height)
        case .frameRate: media.video.framesPerSecond.map { DecimalText.of(thousandths: $0 * 1000) }
        case .hdr: media.video.hdr
        case .audioCodec: media.audio?.codec
        }
    }

    /// Fills in what was left open; nil for no template.
    ///
    /// - Parameter written: How a value is written there.
    /// - Throws: a permanent failure of the clip where it has no such thing.
    static func fill(
        _ template: Template?, _ name: String, _ media: MediaFacts, as written: (String) -> String?
    ) throws(ClipFailure) -> String? {
        guard let template else { return nil }
        do throws(TemplateError) {
            return try template.filled { text in
                // What is wrong with a placeholder was said before any clip was looked at.
                guard let placeholder = try? MediaPlaceholder(text) else { return nil }
                // The text for clips without it stands in the template, so it is written as it must be there.
                return placeholder.text(media).flatMap(written) ?? placeholder.fallback
            }
        } catch {
            guard case .unknown(let text) = error else { throw ClipFailure(.permanent, "\(name): \(error)") }
            let bare = text.prefix { $0 != "|" }
            throw ClipFailure(
                .permanent,
                "\(name): the clip has nothing for {\(text)}; {\(bare)|TEXT} says what stands there then")
        }
    }
}

/// Numbers for people.
enum DecimalText {
    /// At most three digits behind the point, and no zeros at the end: `59.94`, `12`.
    static func of(thousandths: Double) -> String {
        let all = Int64(min(max(thousandths.rounded(), 0), 1e15))
        var digits = String(all % 1000)
        digits = String(repeating: "0", count: 3 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return digits.isEmpty ? String(all / 1000) : "\(all / 1000).\(digits)"
    }
}
