import Kit

/// All classes are equally frequent, however many clips they have.
final class ClassBalanced: Sampler {
    static let name = "class_balanced"
    static let summary =
        "Batches with equally many clips of each class, to within one; those of rare classes occur more than once per epoch."
    static let reference =
        "Class-balanced sampling, as in Kang et al. 2020 (Decoupling representation and classifier), section 3"

    @Param("Which of the manifest's labels is the class: \"scene\".") var label: String
    @Param("Clips in a batch.", in: 1...1_048_576, from: .ours) var batch: Int = 32
    @Param("Seed of the order, jitter, augmentation and choice of dubs; by default the recipe's seed.", from: .ours)
    var seed: Int = Session.current.configuration.seed

    func batches(of clips: SampledClips, epoch: Int) throws -> [[Int]] {
        try balancedBatches(of: clips, epoch: epoch, seed, by: classOf)
    }

    private func classOf(_ source: SampledClips.Source) throws -> String {
        guard case .table(let labels) = source.labels, !labels.named.isEmpty else {
            throw KitError.usage("'\(source.id)' has no labels: give them in a manifest")
        }
        guard let value = labels.named.first(where: { $0.key == label })?.value else {
            throw KitError.usage(
                "'\(source.id)' has no label '\(label)'\(NearestName.hint(label, in: labels.named.map(\.key)))")
        }
        switch value {
        case .string, .int, .number, .bool: return value.optionText
        default:
            throw KitError.usage(
                "the label '\(label)' of '\(source.id)' must be a string, number or boolean, but is \(value.givenText)")
        }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ClassBalanced.self) }
