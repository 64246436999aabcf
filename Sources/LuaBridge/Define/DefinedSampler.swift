import Kit

/// A sampler written in Lua. All of them have the options `batch` and `seed`.
final class DefinedSampler: FilmSampler, DefinedPlugin {
    static let functions = [
        (
            name: "batches",
            help: """
            Called as batches(films, epoch, options) at the beginning of an epoch, counted from 1, with a list of the \
            numbers of its clips for each film; returns a list of batches, each a list of such numbers. The \
            result must depend only on the arguments, and the number of batches must not depend on the epoch.
            """
        )
    ]

    static func commonOptions() -> [(name: String, param: any AnyOption)] {
        [
            ("batch", Param(wrappedValue: 32, "Clips in a batch.", in: 1...1_048_576, from: .ours)),
            (
                "seed",
                Param(
                    wrappedValue: Session.current.configuration.seed,
                    "Seed of the order, jitter, augmentation and choice of dubs; by default the recipe's seed.",
                    from: .ours)
            ),
        ]
    }

    let definition: Definition
    private init(_ definition: Definition) { self.definition = definition }
    static func make(_ definition: Definition) -> any DefinedPlugin { DefinedSampler(definition) }

    var batch: Int { definition.common("batch") }
    var seed: Int { definition.common("seed") }

    func batches(of films: [[Int]], epoch: Int) throws -> [[Int]] {
        let clips = Set(films.joined())
        let result = try definition.call(
            .list(films.map { .list($0.map { .int($0 + 1) }) }), .int(epoch + 1))
        guard let batches = try? [[Int]](option: result), !batches.isEmpty else {
            throw definition.mismatch("a list of batches, each a list of numbers of clips", result.givenText)
        }
        for (index, batch) in batches.enumerated() {
            guard 1...self.batch ~= batch.count else {
                throw definition.mismatch(
                    "batches of 1 to \(counted(self.batch, "clip")) ('batch')",
                    "one of \(batch.count), the number \(index + 1)")
            }
            if let unknown = batch.first(where: { !clips.contains($0 - 1) }) {
                throw definition.mismatch(
                    "numbers of clips, which are 1 to \(clips.count)", "\(unknown) in batch \(index + 1)")
            }
        }
        return batches.map { batch in batch.map { $0 - 1 } }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(DefinePlugin<DefinedSampler>.self) }
