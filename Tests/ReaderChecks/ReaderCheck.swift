import KitCore

/// A reader of files from anywhere, with what must hold whatever the bytes are: it reads them or refuses them with a
/// reason, and what it read comes back the same once written.
public struct ReaderCheck: Sendable {
    public let name: String
    /// Throws a `Broken`, or what the reader should not have thrown.
    public let run: @Sendable (_ bytes: [UInt8]) throws -> Void

    public static let all: [ReaderCheck] = [safetensors, torch, numpy, json, csv, elf, container, tar]

    /// A promise that a reader did not keep.
    struct Broken: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    static func expect(_ holds: Bool, _ what: @autoclosure () -> String) throws {
        guard holds else { throw Broken(what()) }
    }

    /// The result of a reader; nil if it refuses the bytes as bad data, with a message.
    static func unlessRefused<Value>(_ read: () throws -> Value) throws -> Value? {
        do {
            return try read()
        } catch let error as KitError where error.kind == .badData && !error.message.isEmpty { return nil }
    }
}
