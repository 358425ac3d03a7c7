package import ClipModel
import Support

extension MediaFacts {
    /// So many of each that they and their texts fit in a message.
    package static let mostTracks = 32
    package static let mostChapters = 100
    /// Characters of a title.
    private static let longestTitle = 100

    /// The same with texts that can be shown.
    var cleaned: MediaFacts {
        func short(_ text: String?) -> String? {
            guard let text, !text.isEmpty else { return nil }
            return TerminalText.onOneLine(text, most: Self.longestTitle)
        }
        var facts = self
        facts.container = TerminalText.onOneLine(container)
        facts.video.codec = TerminalText.onOneLine(video.codec)
        facts.video.profile = video.profile.map { TerminalText.onOneLine($0) }
        facts.audio?.codec = TerminalText.onOneLine(audio?.codec ?? "")
        facts.title = short(title)
        facts.artist = short(artist)
        facts.timeCode = short(timeCode)
        facts.video.colour?.primaries = short(video.colour?.primaries)
        facts.video.colour?.transfer = short(video.colour?.transfer)
        facts.video.colour?.matrix = short(video.colour?.matrix)
        for index in (audioTracks ?? []).indices {
            guard let track = audioTracks?[index] else { continue }
            facts.audioTracks?[index].codec = TerminalText.onOneLine(track.codec)
            facts.audioTracks?[index].title = short(track.title)
            facts.audioTracks?[index].language = short(track.language)
        }
        for index in (chapters ?? []).indices { facts.chapters?[index].title = short(chapters?[index].title) }
        return facts
    }
}
