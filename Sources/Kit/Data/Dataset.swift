import KitCore

/// A plugin that builds a dataset: `kit.dataset.films { ... }`.
public protocol Dataset: Plugin {}

extension Dataset {
    public static var kind: String { "dataset" }
}
