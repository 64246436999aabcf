import Kit

/// The widths of layers of transformers.
enum TransformerWidths {
    static func check(_ width: Int, heads: Int, hidden: Int? = nil) throws {
        try LayerWidth.check(width, "width")
        if let hidden { try LayerWidth.check(hidden, "hidden") }
        guard 1...4096 ~= heads else {
            throw KitError.usage("option 'heads' must be 1 to 4096, but is \(heads)")
        }
        guard width % heads == 0 else {
            let nearest = (1...heads).last { width % $0 == 0 } ?? 1
            throw KitError.usage(
                "option 'heads' must divide the width \(width), as \(nearest) does, but is \(heads)")
        }
    }
}
