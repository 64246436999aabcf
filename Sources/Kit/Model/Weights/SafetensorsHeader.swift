import KitCore

/// The checked directory of a safetensors file.
///
/// Accepts and refuses the same files as the format's reference implementation (safetensors 0.8), but also refuses what
/// is ambiguous or dangerous: duplicate names, names with a NUL character, sizes beyond 63 bits, more than 64 axes.
struct SafetensorsHeader {
    /// The limit of the reference implementation.
    static let largestHeader = 100_000_000
    /// The limit of numpy. Longer lists of numbers would take several times the header's size.
    static let mostAxes = 64

    var entries: [SafetensorsEntry] = []
    var metadata: [String: String] = [:]

    /// Parses the header's text and checks it against the number of bytes that follow it in the file.
    ///
    /// Throws `JSONScanner.Fault` for invalid JSON and `KitError` (without the file's name) for invalid content.
    init(_ text: UnsafeBufferPointer<UInt8>, dataBytes: Int) throws {
        var names: Set<String> = []
        var scanner = JSONScanner(text)
        try scanner.object { scanner, name in
            guard names.insert(name).inserted else { throw KitError(.badData, "tensor '\(name)' appears twice") }
            guard !name.utf8.contains(0) else { throw KitError(.badData, "a tensor's name has a NUL character") }
            if name == "__metadata__" {
                metadata = try Self.metadata(&scanner)
            } else {
                entries.append(try Self.entry(name, &scanner))
            }
        }
        try scanner.expectEnd()
        entries.sort { ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound) }
        try checkCoverage(dataBytes)
    }

    private static func metadata(_ scanner: inout JSONScanner) throws -> [String: String] {
        var metadata: [String: String] = [:]
        if try scanner.takeNull() { return metadata }
        try scanner.object { scanner, key in
            let value = try scanner.string()
            guard metadata.updateValue(value, forKey: key) == nil else {
                throw KitError(.badData, "metadata '\(key)' appears twice")
            }
        }
        return metadata
    }

    private static func entry(_ name: String, _ scanner: inout JSONScanner) throws -> SafetensorsEntry {
        var type: ElementType?
        var extents: [UInt64]?
        var offsets: [UInt64]?
        func numbers(_ scanner: inout JSONScanner) throws -> [UInt64] {
            var list: [UInt64] = []
            try scanner.array {
                guard list.count < Self.mostAxes else {
                    throw KitError(.badData, "tensor '\(name)' has more than \(Self.mostAxes) axes or data_offsets")
                }
                list.append(try $0.unsigned())
            }
            return list
        }
        try scanner.object { scanner, key in
            switch key {
            case "dtype" where type == nil:
                let word = try scanner.string()
                type = ElementType(rawValue: word)
                if type == nil { throw KitError(.badData, "tensor '\(name)' has the unknown dtype '\(word)'") }
            case "shape" where extents == nil: extents = try numbers(&scanner)
            case "data_offsets" where offsets == nil: offsets = try numbers(&scanner)
            case "dtype", "shape", "data_offsets": throw KitError(.badData, "tensor '\(name)' has two '\(key)'")
            default: try scanner.skip(depth: 2)
            }
        }
        guard let type, let extents, let offsets, offsets.count == 2 else {
            throw KitError(.badData, "tensor '\(name)' needs a dtype, a shape and two data_offsets")
        }
        guard offsets[0] <= offsets[1], let begin = Int(exactly: offsets[0]), let end = Int(exactly: offsets[1]) else {
            throw KitError(.badData, "tensor '\(name)' has the impossible data_offsets \(offsets)")
        }
        // Without zeros: a tensor is refused if its size overflows apart from an empty axis.
        var product: (UInt64, overflow: Bool) = (1, false)
        for extent in extents where extent > 0 && !product.overflow {
            product = product.0.multipliedReportingOverflow(by: extent)
        }
        let bits = product.0.multipliedReportingOverflow(by: UInt64(type.bits))
        guard !product.overflow, !bits.overflow, bits.partialValue <= UInt64(Int.max) else {
            throw KitError(.badData, "the size of tensor '\(name)' overflows: shape \(extents)")
        }
        let used = extents.contains(0) ? 0 : bits.partialValue
        guard used % 8 == 0, UInt64(end - begin) == used / 8 else {
            throw KitError(
                .badData,
                "tensor '\(name)' of dtype \(type.rawValue) and shape \(extents) needs \(used) bits, "
                    + "but its data_offsets \(offsets) hold \(end - begin) bytes")
        }
        return SafetensorsEntry(name: name, type: type, shape: Shape(extents.map { Int($0) }), bytes: begin..<end)
    }

    private func checkCoverage(_ dataBytes: Int) throws {
        var end = 0
        for entry in entries {
            guard entry.bytes.lowerBound == end else {
                let fault = entry.bytes.lowerBound < end ? "overlaps the one before it" : "leaves a hole before it"
                throw KitError(
                    .badData, "tensor '\(entry.name)' \(fault): it starts at \(entry.bytes.lowerBound), not \(end)")
            }
            end = entry.bytes.upperBound
        }
        guard end == dataBytes else {
            throw KitError(
                .badData,
                end > dataBytes
                    ? "the file is truncated: its tensors need \(end) bytes, but \(dataBytes) follow the header"
                    : "\(dataBytes - end) bytes at the end belong to no tensor")
        }
    }
}
