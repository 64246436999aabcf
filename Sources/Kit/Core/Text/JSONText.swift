import Foundation

/// Values as JSON, with sorted keys, unescaped slashes and dates in ISO 8601. Equal values give equal bytes.
///
/// Each throws `EncodingError` for a number that is not finite.
package enum JSONText {
    /// On one line, without a line break.
    package static func compact(_ value: some Encodable) throws -> Data { try encoder([]).encode(value) }

    /// On one line, with a line break at the end: for `.jsonl` files.
    package static func line(_ value: some Encodable) throws -> Data { try compact(value) + lineBreak }

    /// Indented, without a line break at the end.
    ///
    /// - Parameters:
    ///   - value: the value to encode.
    ///   - keys: how keys are written; as in Swift by default.
    package static func indented(
        _ value: some Encodable, keys: JSONEncoder.KeyEncodingStrategy = .useDefaultKeys
    ) throws -> Data {
        let encoder = encoder(.prettyPrinted)
        encoder.keyEncodingStrategy = keys
        return try encoder.encode(value)
    }

    /// Indented, with a line break at the end: for `.json` files that people read. Takes what `indented` takes.
    package static func document(
        _ value: some Encodable, keys: JSONEncoder.KeyEncodingStrategy = .useDefaultKeys
    ) throws -> Data {
        try indented(value, keys: keys) + lineBreak
    }

    private static let lineBreak = Data("\n".utf8)

    private static func encoder(_ style: JSONEncoder.OutputFormatting) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, style]
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }
}
