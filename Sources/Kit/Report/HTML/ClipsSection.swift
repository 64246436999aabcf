import KitCore

/// Some whole clips: frames, and for each language a spectrogram and a player.
struct ClipsSection {
    private let content: ReportContent

    init(_ content: ReportContent) { self.content = content }

    var html: HTML {
        guard let clips = content.clips.content else { return Pieces.missing(content.clips.reason) }
        return """
            <p class="note">Log-mel spectrograms as the encoder gets them, on one colour scale per clip. A track and its
            dub should differ only in the speech.</p>
            \(clips.map(clip))
            """
    }

    private func clip(_ clip: ReportContent.ShownClip) -> HTML {
        let place = "\(decimal(clip.start, 1)) s to \(decimal(clip.start + clip.seconds, 1)) s"
        let images = clip.images.enumerated().map { number, name -> HTML in
            let time = decimal(clip.start + clip.seconds * (Double(number) + 0.5) / Double(clip.images.count), 1)
            return "<img src=\"\(name)\" alt=\"\(clip.film) at \(time) s\" loading=\"lazy\">"
        }
        let strip: HTML? = images.isEmpty ? nil : "<div class=\"strip\">\(images)</div>"
        let tracks = clip.tracks.map { self.track($0, of: clip) }
        return """
            <article class="clip" aria-label="\(clip.name)">
            <h3>\(clip.film) <span class="unit">\(place)</span></h3>
            \(strip)
            <div class="tracks">\(tracks)</div>
            </article>

            """
    }

    private func track(_ track: ReportContent.ShownClip.Track, of clip: ReportContent.ShownClip) -> HTML {
        let name = track.language.name
        let ticks = clip.ticks.map { label, height -> HTML in
            "<span style=\"bottom:\(decimal(height * 100, 1))%\">\(label)</span>"
        }
        return """
            <figure class="track">
            <figcaption lang="en"><b>\(track.language.code)</b> \(name)</figcaption>
            <div class="spectrogram"><div class="hertz" aria-hidden="true">\(ticks)</div>
            <div class="sound"><img src="\(track.spectrogram)" alt="Spectrogram of \(clip.name) in \(name)" loading="lazy"><i class="head"></i></div></div>
            <div class="seconds" aria-hidden="true"><span>0 s</span><span>\(decimal(clip.seconds, 1)) s</span></div>
            <audio controls preload="none" src="\(track.sound)" aria-label="\(clip.name) in \(name)"></audio>
            </figure>

            """
    }
}
