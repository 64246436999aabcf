/// What must match between a plugin file and the program that loads it: the layout of Swift types can change with every
/// build of a library.
///
/// Written as lines of `key = value` to `lib/dubkit/interface` when the kit is built or installed, and copied from
/// there into an ELF note of every plugin.
package struct PluginInterface: Equatable {
    /// The note's type; its owner is "dubkit".
    static let noteType: UInt32 = 1
    static let noteOwner = "dubkit"

    /// The version of the kit.
    let api: String
    /// The version line of `swiftc`.
    let compiler: String
    /// Such as x86_64-unknown-linux-gnu.
    let target: String
    /// A digest of all modules that a plugin is compiled against.
    let modules: String
    /// The build ID of the program that these modules belong to.
    let program: String
    /// The commit of the kit's sources, with "-dirty" if they had changes; nil if they were no Git checkout. It need not
    /// match.
    let commit: String?

    /// Throws if a line is missing.
    package init(_ text: String) throws {
        var values: [Substring: String] = [:]
        for line in text.split(separator: "\n") {
            guard let sign = line.firstRange(of: " = ") else { continue }
            values[line[..<sign.lowerBound]] = String(line[sign.upperBound...])
        }
        func value(_ key: Substring) throws -> String {
            guard let value = values[key] else { throw KitError(.configuration, "has no line '\(key) = ...'") }
            return value
        }
        api = try value("api")
        compiler = try value("compiler")
        target = try value("target")
        modules = try value("modules")
        program = try value("program")
        commit = values["commit"]
    }

    /// Why a program with the interface `host` cannot load a plugin with this one, and what to do; nil if it can.
    func mismatch(with host: PluginInterface) -> String? {
        if target != host.target { return "is for \(target), but this dubkit is for \(host.target)" }
        if api != host.api {
            let age = Self.isVersion(api, before: host.api) ? "older" : "newer"
            return "was built for dubkit \(api), which is \(age) than this dubkit \(host.api)"
        }
        if compiler != host.compiler {
            return "was compiled by \(compiler), but this dubkit by \(host.compiler)"
        }
        if modules != host.modules {
            return "was built against another build of dubkit \(api), whose types have another layout"
        }
        return nil
    }

    /// Whether one version, such as 0.9.1, comes before another, such as 0.10.0.
    static func isVersion(_ one: String, before other: String) -> Bool {
        func numbers(_ version: String) -> [Int] { version.split(separator: ".").map { Int($0) ?? 0 } }
        return numbers(one).lexicographicallyPrecedes(numbers(other))
    }
}
