import Foundation
import Kit

/// One family of rows. What exactly is to be done comes from the row's spec, which the peers get too.
protocol Workload {
    init(_ spec: Spec) throws
    /// Results that must agree with the peer's, by name. Called once, before anything is timed.
    func check() throws -> [String: [Float]]
    /// Does the work once and gives its seconds.
    func run() throws -> Double
    /// The largest resident set so far, in MiB.
    var peakMemory: Double { get }
}

extension Workload {
    var peakMemory: Double { peakResidentSet(of: RUSAGE_SELF) }
}

/// The largest resident set of this process, or of its ended children, in MiB.
func peakResidentSet(of who: __rusage_who) -> Double {
    var usage = rusage()
    getrusage(who.rawValue, &usage)
    return Double(usage.ru_maxrss) / 1024
}

/// Seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = SteadyClock.now
    try body()
    return SteadyClock.now - start
}

/// A row's JSON object.
struct Spec {
    private let values: Options

    init(_ json: String) throws {
        guard case .table(let values) = try JSONOption.parse(json) else {
            throw KitError.usage("a spec must be a JSON object")
        }
        self.values = values
    }

    func get<Value: OptionConvertible>(_ key: String) throws -> Value {
        guard let value = values.named.first(where: { $0.key == key })?.value else {
            throw KitError.usage("the spec has no '\(key)'")
        }
        do { return try Value(option: value) } catch let mismatch as OptionMismatch {
            throw KitError.usage("the spec's '\(key)': expected \(mismatch.expected)")
        }
    }

    /// The precision of the kit's products, float32 if the spec has none.
    func precision() throws -> ProductPrecision {
        values.named.contains { $0.key == "precision" } ? try get("precision") : .float32
    }

    /// The plugin that the object under a key names: its `name`, and its `options` if it has any.
    func plugin<Kind>(_ key: String, kind: String, as type: Kind.Type) throws -> Kind {
        guard case .table(let object)? = values.named.first(where: { $0.key == key })?.value else {
            throw KitError.usage("the spec has no object '\(key)'")
        }
        var (name, options) = ("", Options())
        for (key, value) in object.named {
            if key == "name", case .string(let text) = value { name = text }
            if key == "options", case .table(let table) = value { options = table }
        }
        let plugin = try PluginRegistry.shared.make(kind: kind, name: name, options: options)
        guard let made = try plugin.construct() as? Kind else {
            throw KitError(.internalFault, "\(kind) '\(name)' makes no \(Kind.self)")
        }
        return made
    }
}

extension Tensor {
    /// Numbers in [-1, 1) from their index alone, the same as in `peers/pattern.py`.
    static func pattern(_ shape: [Int]) -> Tensor {
        let result = Tensor(uninitialized: Shape(shape))
        for index in 0..<result.count {
            result.pointer[index] = Float(UInt32(truncatingIfNeeded: index &* 2_654_435_761) >> 8) * 0x1p-23 - 1
        }
        return result
    }

    /// An encoder's input. The peers' spectrograms are [batch, mel, time, channels] in this order of memory; the kit's
    /// begin with time.
    static func encoderInput(_ shape: [Int]) throws -> Tensor {
        shape.count == 4 ? try pattern(shape).permuted([0, 2, 1, 3]) : pattern(shape)
    }
}
