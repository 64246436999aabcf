/// An error that a user of the kit caused or can act on.
///
/// A message names the thing, what was expected, what was given and, where there is one, the nearest valid name.
/// The kind decides the exit code of the `dubkit` command.
public struct KitError: Error, CustomStringConvertible, Equatable, Sendable {
    /// What went wrong, in one word; the raw value is the process exit code (the numbers of `sysexits.h` where it has one).
    public enum Kind: Int32, Sendable {
        case usage = 64
        case badData = 65
        case noInput = 66
        case internalFault = 70
        /// A tensor, a clip or Lua's values need more memory than there is.
        case outOfMemory = 71
        case inputOutput = 74
        case tryAgain = 75
        case configuration = 78
        case nonFinite = 80
        case interrupted = 130
    }

    public let kind: Kind
    /// Where in a recipe it was raised, as "recipe.lua:12"; nil for an error that has not passed through Lua.
    public let place: String?
    /// The message without the place.
    package let text: String

    public init(_ kind: Kind, _ message: String) { self.init(kind, message, at: nil) }

    /// An error that names the line of a recipe.
    package init(_ kind: Kind, _ text: String, at place: String?) {
        (self.kind, self.text, self.place) = (kind, text, place)
    }

    /// What is wrong, behind the line of the recipe where there is one: "recipe.lua:12: kit.loss.clip: ...".
    public var message: String { place.map { "\($0): \(text)" } ?? text }

    public static func == (left: KitError, right: KitError) -> Bool {
        left.kind == right.kind && left.message == right.message
    }

    public var description: String { message }

    /// A wrong call: unknown name, wrong type, value out of range, wrong shape.
    public static func usage(_ message: String) -> KitError { KitError(.usage, message) }

    /// The same error with a name put before its message, behind the line of a recipe that it names. Where the message
    /// begins with the last word of the name, as "concat: ..." does of "kit.tensor.concat", that word is not said twice.
    public func prefixed(_ prefix: String) -> KitError {
        let word = "\(prefix.split(separator: ".").last ?? ""): "
        let rest = text.hasPrefix(word) ? text.dropFirst(word.count) : text[...]
        return KitError(kind, "\(prefix): \(rest)", at: place)
    }
}
