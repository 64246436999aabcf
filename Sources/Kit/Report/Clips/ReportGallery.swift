import KitCore
import KitData
import KitEvaluation
import KitMedia

/// Clips as a report shows them: whole, as examples of retrieval, and as points of a map.
struct ReportGallery {
    private let clips: ReportClips?
    private let shelf: ClipShelf
    private let examples: Int

    init(_ clips: ReportClips?, _ shelf: ClipShelf, examples: Int) {
        (self.clips, self.shelf, self.examples) = (clips, shelf, examples)
    }

    /// Some of the clips with pictures, spectrograms and sounds; those that cannot be read are passed over while others can.
    func shown(_ clips: ReportClips, count: Int, _ mel: LogMel) throws -> Part<[ReportContent.ShownClip]> {
        var reason = ""
        let shown = try ReportClips.spread(clips.sources, count).compactMap { clip -> ReportContent.ShownClip? in
            let part = try Part { try self.shown(clip, mel) }
            if case .missing(let text) = part { reason = text }
            return part.content
        }
        return shown.isEmpty ? .missing("No clip can be read: \(reason)") : .shown(shown)
    }

    private func shown(_ clip: ClipSource, _ mel: LogMel) throws -> ReportContent.ShownClip {
        let languages = try shelf.languages(clip)
        let pictures = try shelf.pictures(clip, count: 6)
        let (spectrograms, ticks) = try shelf.spectrograms(clip, languages, mel)
        let tracks = try zip(languages, spectrograms).map { language, spectrogram in
            ReportContent.ShownClip.Track(
                language: language, spectrogram: spectrogram, sound: try shelf.sound(clip, language))
        }
        return ReportContent.ShownClip(
            name: clip.id, film: clip.movie, start: clip.start, seconds: try shelf.facts(clip).duration,
            pictures: pictures, tracks: tracks, ticks: ticks)
    }

    /// The retrieval examples of a run: between the embeddings that it measured on held-out clips, and between the tracks of
    /// the chosen clips.
    func directions(
        _ saved: Part<[FeatureSet]>, _ embedded: Part<EmbeddedClips>
    ) throws -> ReportContent.RunGallery {
        var pairs: [(from: FeatureSet, to: FeatureSet, origin: String)] = []
        let views = saved.content ?? []
        for from in views {
            for to in views where to.view != from.view && to.values.shape == from.values.shape {
                pairs.append((from, to, "embeddings of the run's own held-out clips"))
            }
        }
        for (encoder, tracks) in embedded.content?.views ?? [] where tracks.count > 1 {
            pairs += tracks.dropFirst().map {
                (tracks[0].features, $0.features, "features of the encoder '\(encoder)', clips of all films")
            }
        }
        guard !pairs.isEmpty else {
            let reasons = [saved.reason, embedded.reason].filter { !$0.isEmpty }.joined(separator: "; ")
            return ReportContent.RunGallery(directions: .missing("No retrieval was measured: \(reasons)"), heldOut: [])
        }
        let directions = try Part {
            try pairs.map { from, to, origin in
                let gallery = try RetrievalGallery(from, to, examples: examples)
                let shown = gallery.hits + gallery.misses
                return ReportContent.RunGallery.Direction(
                    gallery: gallery, queries: try cards(gallery, shown.map(\.clip), from.view),
                    found: try cards(gallery, shown.flatMap { $0.found.map(\.clip) }, to.view), origin: origin)
            }
        }
        return ReportContent.RunGallery(directions: directions, heldOut: views.first?.ids ?? [])
    }

    private func cards(
        _ gallery: RetrievalGallery, _ places: [Int], _ view: String
    ) throws -> [Int: ReportContent.Card] {
        var cards: [Int: ReportContent.Card] = [:]
        for place in places where cards[place] == nil {
            cards[place] = try card(gallery.ids[place], language: RetrievalGallery.language(of: view))
        }
        return cards
    }

    /// A clip with the sound of a language, or else its first. One that cannot be read has a name and nothing else.
    private func card(_ id: String, language wanted: String?) throws -> ReportContent.Card {
        var card = ReportContent.Card(name: id)
        guard let clip = clips?.source(ofClip: id) else { return card }
        card.thumbnail = try Part { try shelf.thumbnail(clip) }.content ?? nil
        let languages = try Part { try shelf.languages(clip) }.content ?? []
        if let language = languages.first(where: { $0.code == wanted }) ?? languages.first {
            card.sound = try Part { try shelf.sound(clip, language) }.content
            card.language = language.code
        }
        return card
    }

    /// Fills in what the maps say of their points.
    func describe(_ clips: ReportClips, _ labels: ClipLabels, heldOut: Set<String>, in data: inout PageData) throws {
        data.clips = try clips.sources.map { clip in
            let film = clip.id.lastIndex(of: ":").map { String(clip.id[..<$0]) } ?? clip.id
            var own = labels.labels(of: clip, film: film)
            own["film"] = clip.movie
            if !heldOut.isEmpty { own["split"] = heldOut.contains(clip.id) ? "held out" : "trained on" }
            let thumbnail = try Part { try shelf.thumbnail(clip) }.content ?? nil
            return PageData.MapClip(name: clip.id, thumbnail: thumbnail, labels: own)
        }
        // A label that all clips share tells nothing.
        let names = Set(data.clips.flatMap(\.labels.keys)).filter { name in
            Set(data.clips.map { $0.labels[name] }).count > 1
        }
        let last = ["split", "film"]
        data.labels = names.filter { !last.contains($0) }.sortedByBytes() + last.filter(names.contains)
    }
}
