import Kit

/// All languages are equally frequent, however many films have them.
final class LanguageBalanced: Sampler {
    static let name = "language_balanced"
    static let summary =
        "Batches with equally many clips in each language, to within one, by the language of one sound track."
    static let reference =
        "Class-balanced sampling with languages for classes; the balance of XLS-R's languages (Babu et al. 2021) at alpha = 0"

    @Param(
        "The sound track whose language counts, by its name in the dataset's tracks; nil takes the first.", from: .ours
    )
    var track: String? = nil
    @Param("Clips in a batch.", in: 1...1_048_576, from: .ours) var batch: Int = 32
    @Param("Seed of the order, jitter, augmentation and choice of dubs; by default the recipe's seed.", from: .ours)
    var seed: Int = Session.current.configuration.seed

    func batches(of clips: SampledClips, epoch: Int) throws -> [[Int]] {
        let name = track ?? clips.tracks.first ?? ""
        guard let index = clips.tracks.firstIndex(of: name) else {
            let known = clips.tracks.isEmpty ? "none" : clips.tracks.joined(separator: ", ")
            throw KitError.usage(
                "\(Self.qualifiedName): there is no sound track '\(name)'\(NearestName.hint(name, in: clips.tracks)) "
                    + "(there are: \(known))")
        }
        return try balancedBatches(of: clips, epoch: epoch, seed) { source in
            let languages = source.languages[index]
            guard languages.count == 1 else {
                throw KitError.usage(
                    "track '\(name)' of '\(source.id)' draws one of \(languages.joined(separator: ", ")) for each clip, so "
                        + "it has no fixed language: balance by a track with one, or list the languages separately")
            }
            return languages[0]
        }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(LanguageBalanced.self) }
