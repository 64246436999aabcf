/// An error that a user of the kit caused or can act on.
///
/// A message names the thing, what was expected, what was given and, where there is one, the nearest valid name.
/// The kind decides the exit code of the `dubkit` command.
public struct KitError: Error, CustomStringConvertible, Equatable, Sendable {
    /// The kind of error. The raw value is the exit code of the process, from `sysexits.h` where it has one.
    public enum Kind: Int32, Sendable {
        case usage = 64
        case badData = 65
        case noInput = 66
        case internalFault = 70
        /// A tensor, a clip or Lua's values need more memory than is available.
        case outOfMemory = 71
        case inputOutput = 74
        case tryAgain = 75
        case configuration = 78
        case nonFinite = 80
        case interrupted = 130
    }

    public let kind: Kind
    /// The line of the recipe that raised it, as "recipe.lua:12"; nil for an error that did not pass through Lua.
    public let place: String?
    /// The message without the place.
    package let text: String

    public init(_ kind: Kind, _ message: String) { self.init(kind, message, at: nil) }

    /// An error that names the line of a recipe.
    package init(_ kind: Kind, _ text: String, at place: String?) {
        (self.kind, self.text, self.place) = (kind, text, place)
    }

    /// The full message, after the line of the recipe if it is known: "recipe.lua:12: kit.loss.clip: ...".
    public var message: String { place.map { "\($0): \(text)" } ?? text }

    public static func == (left: KitError, right: KitError) -> Bool {
        left.kind == right.kind && left.message == right.message
    }

    public var description: String { message }

    /// A wrong call: unknown name, wrong type, value out of range, wrong shape.
    public static func usage(_ message: String) -> KitError { KitError(.usage, message) }

    /// The same error with a name before its message. If the message begins with the last word of that name, as
    /// "concat: ..." does for "kit.tensor.concat", the word is not repeated.
    public func prefixed(_ prefix: String) -> KitError {
        let word = "\(prefix.split(separator: ".").last ?? ""): "
        let rest = text.hasPrefix(word) ? text.dropFirst(word.count) : text[...]
        return KitError(kind, "\(prefix): \(rest)", at: place)
    }
}
