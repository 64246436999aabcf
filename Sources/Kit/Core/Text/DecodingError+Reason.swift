extension DecodingError {
    /// What is wrong with JSON, by the key: "'clips.mel.hop' must be a number"; the file is for the caller to name.
    package var reason: String {
        switch self {
        case .keyNotFound(let key, let context): "\(Self.name(context.codingPath + [key])) is missing"
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            "\(Self.name(context.codingPath)) must be \(Self.words(type))"
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            // The parser says no more.
            "not valid JSON, or a number in it is too large"
        case .dataCorrupted(let context):
            "\(Self.name(context.codingPath)): \(context.debugDescription)"
        @unknown default: "\(self)"
        }
    }

    /// What JSON calls a type's values.
    private static func words(_ type: any Any.Type) -> String {
        switch type {
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is any RangeReplaceableCollection.Type: "a list"
        default: "an object"
        }
    }

    /// The key with those that lead to it; items of lists are numbered from 1.
    private static func name(_ path: [any CodingKey]) -> String {
        guard !path.isEmpty else { return "the file" }
        let steps = path.map { key in key.intValue.map { "[\($0 + 1)]" } ?? ".\(key.stringValue)" }
        return "'\(steps.joined().drop { $0 == "." })'"
    }
}
