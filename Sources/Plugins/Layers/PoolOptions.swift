import Kit

extension Pool {
    /// A pool from the options of a recipe.
    convenience init(
        _ kind: Kind, _ kernel: [Int], _ stride: OneOrMore<Int>?, _ padding: OneOrMore<Int>
    ) throws {
        guard 1...3 ~= kernel.count, kernel.allSatisfy((1...4096).contains) else {
            throw KitError.usage(
                "option 'kernel' must be one to three extents of 1 to 4096, but is \(kernel.optionText)")
        }
        let padding = try LayerAxes.extents(padding, "padding", kernel.count, in: 0...2048)
        guard zip(padding, kernel).allSatisfy({ $0 <= $1 / 2 }) else {
            throw KitError.usage(
                "option 'padding' must be at most half the kernel \(kernel.optionText), but is \(padding.optionText)")
        }
        self.init(
            kind, kernel: kernel,
            stride: try stride.map { try LayerAxes.extents($0, "stride", kernel.count, in: 1...4096) },
            padding: padding)
    }
}
