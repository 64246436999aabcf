import KitCore
import KitData
import KitEvaluation
import KitMedia

/// Clips in a report: shown whole, as examples of retrieval, and as points of a map.
struct ReportGallery {
    private let clips: ReportClips?
    private let media: ClipMediaWriter
    private let examples: Int

    init(_ clips: ReportClips?, _ media: ClipMediaWriter, examples: Int) {
        (self.clips, self.media, self.examples) = (clips, media, examples)
    }

    /// Some of the clips with images, spectrograms and sounds. Unreadable ones are skipped as long as there are others.
    func shown(_ clips: ReportClips, count: Int, _ mel: LogMel) throws -> ReportPart<[ReportContent.ShownClip]> {
        var reason = ""
        let shown = try ReportClips.spread(clips.sources, count).compactMap { clip -> ReportContent.ShownClip? in
            let part = try ReportPart { try self.shown(clip, mel) }
            if case .missing(let text) = part { reason = text }
            return part.content
        }
        return shown.isEmpty ? .missing("No clip can be read: \(reason)") : .shown(shown)
    }

    private func shown(_ clip: ClipSource, _ mel: LogMel) throws -> ReportContent.ShownClip {
        let languages = try media.languages(clip)
        let images = try media.images(clip, count: 6)
        let (spectrograms, ticks) = try media.spectrograms(clip, languages, mel)
        let tracks = try zip(languages, spectrograms).map { language, spectrogram in
            ReportContent.ShownClip.Track(
                language: language, spectrogram: spectrogram, sound: try media.sound(clip, language))
        }
        return ReportContent.ShownClip(
            name: clip.id, film: clip.film, start: clip.start, seconds: try media.facts(clip).duration,
            images: images, tracks: tracks, ticks: ticks)
    }

    /// The retrieval examples of a run: between its embeddings of held-out clips, and between the tracks of the
    /// selected clips.
    func directions(
        _ saved: ReportPart<[FeatureSet]>, _ embedded: ReportPart<ClipFeatures>
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
        let directions = try ReportPart {
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

    /// A clip with its sound in a language, or else its first sound. An unreadable clip has only a name.
    private func card(_ id: String, language wanted: String?) throws -> ReportContent.Card {
        var card = ReportContent.Card(name: id)
        guard let clip = clips?.source(ofClip: id) else { return card }
        card.thumbnail = try ReportPart { try media.thumbnail(clip) }.content ?? nil
        let languages = try ReportPart { try media.languages(clip) }.content ?? []
        if let language = languages.first(where: { $0.code == wanted }) ?? languages.first {
            card.sound = try ReportPart { try media.sound(clip, language) }.content
            card.language = language.code
        }
        return card
    }

    /// Fills in the descriptions of the points of the maps.
    func describe(_ clips: ReportClips, _ labels: ClipLabels, heldOut: Set<String>, in data: inout PageData) throws {
        data.clips = try clips.sources.map { clip in
            let film = clip.id.lastIndex(of: ":").map { String(clip.id[..<$0]) } ?? clip.id
            var own = labels.labels(of: clip, film: film)
            own["film"] = clip.film
            if !heldOut.isEmpty { own["split"] = heldOut.contains(clip.id) ? "held out" : "trained on" }
            let thumbnail = try ReportPart { try media.thumbnail(clip) }.content ?? nil
            return PageData.MapClip(name: clip.id, thumbnail: thumbnail, labels: own)
        }
        // A label that all clips share says nothing.
        let names = Set(data.clips.flatMap(\.labels.keys)).filter { name in
            Set(data.clips.map { $0.labels[name] }).count > 1
        }
        let last = ["split", "film"]
        data.labels = names.filter { !last.contains($0) }.sortedByBytes() + last.filter(names.contains)
    }
}
