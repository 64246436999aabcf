import Foundation
import Kit

/// The user's defaults for recipe keys: `$XDG_CONFIG_HOME/dubkit/config.json`, an object of keys and plain values.
enum UserFile {
    static func read() throws -> [(key: String, value: OptionValue)] {
        let environment = ProcessInfo.processInfo.environment
        let base = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        let path = "\(base ?? (environment["HOME"] ?? "") + "/.config")/dubkit/config.json"
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        do {
            guard case .table(let options) = try JSONOption.parse(String(decoding: data, as: UTF8.self)) else {
                throw KitError(.configuration, "expected a JSON object of recipe keys and values")
            }
            return options.named
        } catch let error as KitError {
            throw KitError(.configuration, "\(path): \(error.message)")
        }
    }
}
