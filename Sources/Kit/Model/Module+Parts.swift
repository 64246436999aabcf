import KitCore
import KitTensor

/// The parts of a module as recipes read them: `encoder.layer1[2].conv1.weight`.
extension Module {
    /// The part of a name: a module, a parameter or a buffer. If several parts share the name as the beginning of theirs,
    /// as `blocks.0` and `blocks.1`, a list of them, or a table if they are not numbered; nil if there is none.
    public final func part(_ name: String) -> OptionValue? { part(name, of: ownParts) }

    /// The first words of the parts' names, each once, in order.
    public final var partNames: [String] { Self.firstWords(ownParts) }

    private var ownParts: [(name: String, value: OptionValue)] {
        (ownParameters + ownBuffers).map { ($0.name, .object($0.tensor)) }
            + children.map { ($0.name, .object($0.module)) }
    }

    private func part(_ name: String, of parts: [(name: String, value: OptionValue)]) -> OptionValue? {
        if let part = parts.first(where: { $0.name == name }) { return part.value }
        let inside = parts.filter { $0.name.hasPrefix("\(name).") }.map {
            (name: String($0.name.dropFirst(name.count + 1)), value: $0.value)
        }
        guard !inside.isEmpty else { return nil }
        let names = Self.firstWords(inside)
        // Tensors come before modules here, so the numbers of a list with both are not in order.
        let numbers = names.indices.map { "\($0)" }
        let isNumbered = Set(names) == Set(numbers)
        let values = (isNumbered ? numbers : names).map { (key: $0, value: part($0, of: inside) ?? .null) }
        return isNumbered ? .list(values.map(\.value)) : .table(Options(named: values))
    }

    private static func firstWords(_ parts: [(name: String, value: OptionValue)]) -> [String] {
        var names: [String] = []
        for (name, _) in parts {
            let first = String(name.prefix { $0 != "." })
            if !names.contains(first) { names.append(first) }
        }
        return names
    }
}
