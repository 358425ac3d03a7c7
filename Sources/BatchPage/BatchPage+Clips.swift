import ClipModel
import FoundationEssentials

extension BatchPage {
    func beginClips(in html: inout HTML) {
        html.markup("<section id=\"clips\" aria-labelledby=\"clips-head\">\n<h2 id=\"clips-head\">Clips</h2>\n")
        addControls(to: &html)
        html.markup("<ul class=\"grid\" id=\"list\">\n")
    }

    func endClips(in html: inout HTML) {
        html.markup("</ul>\n")
        if totals.clips == 0 { html.markup("<p>There are no clips in this batch.</p>\n") }
        html.markup("</section>\n")
    }

    /// Of use with the script only, which shows them.
    private func addControls(to html: inout HTML) {
        html.markup(
            """
            <div class="controls" id="controls" hidden>
            <label>Search <input type="search" id="search"></label>
            <label>State <select id="state"><option value="">all</option>
            """)
        for state in BatchReport.State.allCases where totals.states[state] != nil {
            html.markup("<option>")
            html.add(state.rawValue)
            html.markup("</option>")
        }
        html.markup(
            """
            </select></label>
            <label>Order <select id="order"><option value="index">name</option><option value="state">state</option>\
            <option value="seconds">longest first</option><option value="bytes">largest first</option></select></label>
            <p id="shown" role="status"></p>
            </div>

            """)
    }

    static func add(_ clip: Clip, to html: inout HTML) {
        let (entry, manifest) = (clip.entry, clip.manifest)
        html.markup("<li class=\"clip ")
        html.add(entry.state.rawValue)
        html.markup("\" data-state=\"")
        html.add(entry.state.rawValue)
        if let manifest {
            html.markup("\" data-seconds=\"")
            html.add(Figures.fixed(manifest.media.durationSeconds, 3))
            html.markup("\" data-bytes=\"")
            html.add(max(0, manifest.file.size))
        }
        html.markup("\">\n")
        addPicture(of: clip, to: &html)
        html.markup("<div class=\"text\">\n<h3>")
        html.add(entry.clip)
        html.markup("</h3>\n<p class=\"state ")
        html.add(entry.state.rawValue)
        html.markup("\">")
        html.add(entry.state.rawValue)
        html.markup("</p>\n")
        if let caption = manifest?.request.userCaption, !caption.isEmpty {
            html.markup("<p class=\"caption\">")
            html.add(caption)
            html.markup("</p>\n")
        }
        // Where there is no picture, the reason stands in its place.
        if clip.picture != nil, let reason = entry.reason ?? clip.problem {
            html.markup("<p class=\"reason\">")
            html.add(reason)
            html.markup("</p>\n")
        }
        html.markup("<dl class=\"facts\">\n")
        if let manifest { addFacts(of: manifest, to: &html) }
        html.term("File", entry.file)
        if let id = entry.gameClipId { html.term("Id", id) }
        html.markup("</dl>\n")
        if let warnings = manifest?.warnings, !warnings.isEmpty {
            html.markup("<ul class=\"warnings\" aria-label=\"Warnings\">\n")
            for warning in warnings {
                html.markup("<li>")
                html.add(warning)
                html.markup("</li>\n")
            }
            html.markup("</ul>\n")
        }
        html.markup("</div>\n</li>\n")
    }

    private static func addPicture(of clip: Clip, to html: inout HTML) {
        guard let picture = clip.picture else {
            html.markup("<div class=\"picture none\"><p>")
            html.add(clip.entry.reason ?? clip.problem ?? "There is no picture.")
            html.markup("</p></div>\n")
            return
        }
        html.markup("<div class=\"picture\"><img alt=\"Frame of ")
        html.add(clip.entry.clip)
        html.markup("\" width=\"856\" height=\"424\"")
        switch picture {
        case .inline(let bytes):
            html.markup(" src=\"data:image/jpeg;base64,")
            html.raw(bytes.base64EncodedString())
        case .linked(let path):
            html.markup(" loading=\"lazy\" decoding=\"async\" src=\"")
            html.add(HTML.address(ofFile: path))
        }
        html.markup("\"></div>\n")
    }

    private static func addFacts(of manifest: Manifest, to html: inout HTML) {
        let (media, video) = (manifest.media, manifest.media.video)
        html.term("Duration", Figures.time(media.durationSeconds))
        html.term("Size", ByteCount(max(0, manifest.file.size)).description)
        html.term("Blocks", String(manifest.blocks.count))
        var picture = "\(video.codec) \(video.width)x\(video.height)"
        if video.rotation != 0 { picture += ", turned \(video.rotation)°" }
        html.term("Video", picture)
        if let hdr = video.hdr { html.term("HDR", hdr) }
        html.term("Audio", media.audio.map { "\($0.codec), \($0.channels) ch, \($0.sampleRate) Hz" } ?? "none")
    }
}
