/// The value does not fit the parameter. Becomes a `KitError` that names the parameter.
///
/// It stays on the thread that converts the options, whatever object the part holds.
public struct OptionMismatch: Error, @unchecked Sendable {
    public let expected: String
    /// Which part of the value it is, as "[2]" or ".video"; "" for the whole of it.
    private var path = ""
    /// That part; nil for the whole value.
    private var part: OptionValue?
    private var hint = ""

    /// Whether a part of the value does not fit, rather than the whole.
    var isOfPart: Bool { part != nil }

    /// - Parameter expected: what would have been right, as "a number".
    public init(expected: String) { self.expected = expected }

    /// A value that is none of a few words.
    ///
    /// - Parameters:
    ///   - given: what there is instead.
    ///   - words: those that are taken.
    ///   - foreignWords: others that stand for one of them elsewhere: see `NearestName.hint`.
    init(_ given: OptionValue, isNoneOf words: [String], foreignWords: [String: String] = [:]) {
        self.init(expected: "one of \(words.joined(separator: ", "))")
        if case .string(let word) = given { hint = NearestName.hint(word, in: words, foreignNames: foreignWords) }
    }

    /// Throws if a string, or a string of a list, is none of a few words.
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

    /// The same mismatch where something else was expected as a whole.
    public func expecting(_ expected: String) -> OptionMismatch {
        var other = OptionMismatch(expected: expected)
        (other.path, other.part, other.hint) = (path, part, hint)
        return other
    }

    /// Converts a part of a value; a mismatch then names the part.
    ///
    /// - Parameters:
    ///   - place: "[2]" for the second of a list, ".video" for the value of a key.
    ///   - part: what stands there.
    ///   - convert: makes of it what is wanted.
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
    ///   - subject: what the value is given for, as "option 'widths'"; or a text that ends in a colon.
    ///   - value: the whole value.
    package func message(_ subject: String, _ value: OptionValue) -> String {
        let space = subject.hasSuffix(":") && !path.isEmpty ? " " : ""
        return "\(subject)\(space)\(path) must be \(expected), but is \((part ?? value).givenText)\(hint)"
    }
}
