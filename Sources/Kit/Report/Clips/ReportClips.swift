import Foundation
import KitCore
import KitData
import KitMedia

/// The clips of a report: an even selection from the films of a run.
struct ReportClips {
    /// Each clip as a source with the clip's name.
    let sources: [ClipSource]
    let seconds: Double
    /// The sources that cannot be opened or used, and why.
    let leftOut: [String]
    /// All sources of the data by id, to find clips outside the selection.
    let films: [String: ClipSource]

    /// - Parameters:
    ///   - limit: the maximum number of clips.
    ///   - languages: the languages that each clip must have; nil for those that all films have.
    init(_ data: String, _ settings: ClipSettings, limit: Int, languages: [String]?) throws {
        let listed = try Manifest.list(data)
        let all = listed.sources
        films = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        seconds = settings.seconds
        var settings = settings
        (settings.pad, settings.jitter, settings.augmentations, settings.secondView) = (true, false, [], nil)
        settings.tracks = try languages.map { try TrackPlan(option: .list($0.map(OptionValue.string))) }
        // There is no need to open more films than clips.
        let some = Self.spread(all, limit)
        let catalogue = try FilmCatalogue(some, settings, heldOut: 0, unusable: .skip)
        leftOut = catalogue.leftOut + SkippedFile.lines(listed.skipped)
        let films = try FilmDataset(catalogue, split: .all, isTraining: false)
        sources = Self.spread(films.clips, limit).map { clip in
            Self.cut(films.source(of: clip), id: clip.id, start: clip.start, seconds: settings.seconds)
        }
    }

    /// The source of a clip by the clip's name: "market:12.000" begins at 12 s of the source "market".
    func source(ofClip id: String) -> ClipSource? {
        if let known = sources.first(where: { $0.id == id }) { return known }
        guard let colon = id.lastIndex(of: ":"), let start = Double(id[id.index(after: colon)...]),
            let film = films[String(id[..<colon])], start >= 0
        else { return nil }
        return Self.cut(film, id: id, start: film.start + start, seconds: seconds)
    }

    private static func cut(_ source: ClipSource, id: String, start: Double, seconds: Double) -> ClipSource {
        var clip = source
        clip.duration = min(seconds, source.duration.map { source.start + $0 - start } ?? seconds)
        (clip.id, clip.start) = (id, start)
        return clip
    }

    /// At most `limit` items, evenly spaced.
    static func spread<Item>(_ items: [Item], _ limit: Int) -> [Item] {
        guard items.count > limit else { return items }
        return (0..<limit).map { items[$0 * items.count / limit] }
    }
}
