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
        case inputOutput = 74
        case tryAgain = 75
        case configuration = 78
        case nonFinite = 80
        case interrupted = 130
    }

    public let kind: Kind
    public let message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }

    /// A wrong call: unknown name, wrong type, value out of range, wrong shape.
    public static func usage(_ message: String) -> KitError { KitError(.usage, message) }

    /// The same error with a place or a name put before its message. Where the message begins with the last word of the
    /// name, as "concat: ..." does of "kit.tensor.concat", that word is not said twice.
    public func prefixed(_ prefix: String) -> KitError {
        let word = "\(prefix.split(separator: ".").last ?? ""): "
        return KitError(kind, "\(prefix): \(message.hasPrefix(word) ? message.dropFirst(word.count) : message[...])")
    }
}
