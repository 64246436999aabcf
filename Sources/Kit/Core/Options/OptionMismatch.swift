/// A value that does not fit an option or argument. It becomes a `KitError` that names the option.
///
/// It never leaves the thread that converts the options, so it may hold any object.
public struct OptionMismatch: Error, @unchecked Sendable {
    public let expected: String
    /// The part of the value that does not fit, as "[2]" or ".video"; "" for the whole value.
    private var path = ""
    /// That part; nil for the whole value.
    private var part: OptionValue?
    private var hint = ""

    /// Whether only a part of the value does not fit.
    var isOfPart: Bool { part != nil }

    /// - Parameter expected: a description of valid values, as "a number".
    public init(expected: String) { self.expected = expected }

    /// A value that is not one of the allowed words.
    ///
    /// - Parameters:
    ///   - given: the value.
    ///   - words: the allowed words.
    ///   - foreignWords: words that mean one of them elsewhere: see `NearestName.hint`.
    init(_ given: OptionValue, isNoneOf words: [String], foreignWords: [String: String] = [:]) {
        self.init(expected: "one of \(words.joined(separator: ", "))")
        if case .string(let word) = given { hint = NearestName.hint(word, in: words, foreignNames: foreignWords) }
    }

    /// Throws unless a string, or every string of a list, is one of the allowed words.
    package static func require(_ given: OptionValue, isOneOf words: [String]) throws {
        switch given {
        case .null: break
        case .string(let word) where words.contains(word): break
        case .list(let items):
            for (index, item) in items.enumerated() {
                try naming("[\(index + 1)]", item) { try require($0, isOneOf: words) }
            }
        default: throw OptionMismatch(given, isNoneOf: words)
        }
    }

    /// The same mismatch with another description of the whole value.
    public func expecting(_ expected: String) -> OptionMismatch {
        var other = OptionMismatch(expected: expected)
        (other.path, other.part, other.hint) = (path, part, hint)
        return other
    }

    /// Converts a part of a value. A mismatch then names the part.
    ///
    /// - Parameters:
    ///   - place: "[2]" for the second of a list, ".video" for the value of a key.
    ///   - part: the value there.
    ///   - convert: converts the part.
    public static func naming<Converted>(
        _ place: String, _ part: OptionValue, _ convert: (OptionValue) throws -> Converted
    ) throws -> Converted {
        do {
            return try convert(part)
        } catch var mismatch as OptionMismatch {
            mismatch.path = place + mismatch.path
            mismatch.part = mismatch.part ?? part
            throw mismatch
        }
    }

    /// "option 'widths'[2] must be an integer, but is number 64.5".
    ///
    /// - Parameters:
    ///   - subject: what the value is for, as "option 'widths'"; or text that ends in a colon.
    ///   - value: the whole value.
    package func message(_ subject: String, _ value: OptionValue) -> String {
        let space = subject.hasSuffix(":") && !path.isEmpty ? " " : ""
        return "\(subject)\(space)\(path) must be \(expected), but is \((part ?? value).givenText)\(hint)"
    }
}
