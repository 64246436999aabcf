import KitCore

/// The labels of items: one class each, or any number of classes.
public struct Labels {
    /// The names of the classes.
    public let classes: [String]
    /// Whether an item may have several classes, or none.
    public let isMultiLabel: Bool
    /// For each item, the ascending positions of its classes.
    public let rows: [[Int]]

    public init(classes: [String], isMultiLabel: Bool, rows: [[Int]]) {
        self.classes = classes
        self.isMultiLabel = isMultiLabel
        self.rows = rows
    }

    public var count: Int { rows.count }

    /// The labels of some items.
    public func rows(at items: [Int]) -> Labels {
        Labels(classes: classes, isMultiLabel: isMultiLabel, rows: items.map { rows[$0] })
    }

    /// For each item, whether it has a class.
    public func has(_ label: Int) -> [Bool] { rows.map { $0.contains(label) } }
}
