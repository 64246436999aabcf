import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Retrieval.self) }

/// `kit.evaluate.retrieval { ... }`: how well one view of a clip finds the other views of the same clip.
public final class Retrieval: Evaluation {
    public static let name = "retrieval"
    public static let summary =
        "Cross-modal retrieval: embeds every held-out clip and ranks all of them by cosine similarity to each, for every "
        + "ordered pair of views; reports recall at 1, 5 and 10 and the median rank along with chance, among all "
        + "clips, among those of the same film, and among those of other films, with bootstrap intervals."
    public static let reference =
        "Recall at k and median rank as in image-text retrieval (Karpathy and Fei-Fei 2015, arXiv 1412.2306, section 4.2)."

    @Param("Held-out batches, from films:split(\"held_out\"):batches(sampler); one epoch is measured.")
    public var data: ObjectOption<any BatchSource>
    @Param("The modules that embed uses, by name; they are in evaluation mode while it runs.") public var modules:
        NamedOption<ObjectOption<Module>>
    @Param("Called as embed(batch) for each batch; returns embeddings [batch, features] by the name of their view.")
    public var embed: ObjectOption<any ScriptFunction>
    @Param(
        "Number of draws of films for the 95 % interval of each result; 0 gives none.", in: 0...1_000_000, from: .ours)
    public var resamples: Int = 1000

    public init() {}

    public func evaluate() throws -> EvaluationReport {
        let position = try data.object.savedPosition()
        data.object.begin(in: nil, count: data.object.batchesPerEpoch)
        data.object.share(by: Session.current.shards)
        defer {
            data.object.share(by: nil)
            data.object.end()
        }
        let (views, ids, films) = try embeddings()
        try data.object.restore(position: position)
        var report = try RetrievalReport.make(
            views, films: films, title: "held-out retrieval", bootstrap: Bootstrap(resamples: resamples))
        // Clips that occur more than once could not be distinguished later.
        if Set(ids).count == ids.count {
            report.artifact = KeptEmbeddings(
                try views.map {
                    try FeatureSet(
                        view: $0.name, ids: ids, films: films, values: $0.tensor, encoder: "embed of this run")
                })
        }
        return report
    }

    public func dryRun() throws {
        guard let batch = try data.object.dryRunBatch(of: 2) else {
            _ = try evaluate()
            return
        }
        try Module.evaluating(modules.entries.map(\.value.object)) {
            _ = try Self.views(try embed.object.call([batch.scriptValue]), batch)
        }
    }

    /// The embeddings of all clips [clips, features] by view, and the name and film of each clip.
    private func embeddings() throws -> (views: [(name: String, tensor: Tensor)], ids: [String], films: [String]) {
        var (ids, films): ([String], [String]) = ([], [])
        var parts: [(name: String, tensors: [Tensor])] = []
        try Module.evaluating(modules.entries.map(\.value.object)) {
            for _ in 0..<data.object.batchesPerEpoch {
                if Interrupt.isRequested { throw KitError(.tryAgain, "interrupted while measuring held-out retrieval") }
                let batch = try data.object.nextBatch()
                let clips = try embedded(batch)
                let views = clips.views
                ids += clips.rows.map(\.id)
                films += clips.rows.map(\.film)
                if parts.isEmpty { parts = views.map { ($0.name, []) } }
                guard views.map(\.name) == parts.map(\.name) else {
                    throw KitError.usage(
                        "embed: returned the views \(views.map(\.name).joined(separator: ", ")), "
                            + "but \(parts.map(\.name).joined(separator: ", ")) for an earlier batch")
                }
                for (index, view) in views.enumerated() { parts[index].tensors.append(view.tensor.detached()) }
            }
        }
        return (try parts.map { ($0.name, try Tensor.concat($0.tensors)) }, ids, films)
    }

    private struct ClipName: Codable {
        let id: String
        let film: String
    }

    /// The embeddings of a whole batch, of which each process embeds its own shards, one after the other.
    private func embedded(_ batch: any TrainingBatch) throws -> EmbeddedRows<ClipName> {
        func embedded(_ batch: any TrainingBatch) throws -> EmbeddedRows<ClipName> {
            EmbeddedRows(
                zip(batch.ids, batch.films).map { ClipName(id: $0, film: $1) },
                try Self.views(try embed.object.call([batch.scriptValue]), batch))
        }
        guard let layout = Session.current.shards else { return try embedded(batch) }
        let parts = layout.own.map { layout.rows(of: $0..<$0 + 1, in: batch.wholeCount) }.filter { !$0.isEmpty }
        return try EmbeddedRows.gathered(
            parts.map { try embedded(batch.part($0)) }, over: Session.current.processes)
    }

    /// Checks what the recipe's function returned.
    private static func views(_ value: OptionValue, _ batch: any TrainingBatch) throws -> [(
        name: String, tensor: Tensor
    )] {
        guard case .table(let options) = value, options.list.isEmpty, options.named.count >= 2 else {
            throw KitError.usage(
                "embed: must return a table of two or more named embeddings, but returned \(value.givenText)")
        }
        return try options.named.sortedByBytes(of: \.key).map { name, value in
            guard case .object(let object) = value, let tensor = object as? Tensor else {
                throw KitError.usage("embed: the view '\(name)' must be a tensor, but is \(value.givenText)")
            }
            guard tensor.shape.rank == 2, tensor.shape[0] == batch.ids.count else {
                throw KitError.usage(
                    "embed: the view '\(name)' must have the shape [batch \(batch.ids.count), features], "
                        + "but has \(tensor.shape)")
            }
            guard tensor.values.allSatisfy(\.isFinite) else {
                throw KitError(
                    .nonFinite,
                    "embed: the view '\(name)' is not finite; the batch's clips: \(batch.ids.joined(separator: ", "))")
            }
            return (name, tensor)
        }
    }
}
