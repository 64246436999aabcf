import Foundation
import KitCore
import KitModel
import KitTensor

/// The profile of some steps of a run, which `dubkit run --profile` shows and writes.
///
/// The first step is left out, because it also gets its memory from the system. At most ten steps after it are
/// recorded.
final class StepProfile {
    static let traceName = "trace.json"
    private static let mostSteps = 10

    private let profiler: Profiler
    private var seconds: [Double] = []
    private var isFirst = true

    init(_ modules: [(name: String, module: Module)]) {
        let named = modules.flatMap { $0.module.namedModules($0.name) }
        profiler = Profiler(
            names: Dictionary(named.map { (ObjectIdentifier($0.module), $0.name) }) { first, _ in first })
    }

    /// Makes one step, and records it if it is one of those.
    func step<Result>(_ body: () throws -> Result) rethrows -> Result {
        defer { isFirst = false }
        guard !isFirst, seconds.count < Self.mostSteps else { return try body() }
        Profiler.active = profiler
        profiler.begin()
        let start = SteadyClock.now
        defer {
            seconds.append(SteadyClock.now - start)
            Profiler.active = nil
        }
        return try body()
    }

    /// Writes the Chrome trace to the run folder and returns the tables, in lines of at most `width` characters.
    func finish(in folder: RunFolder, width: Int?) throws -> [String] {
        guard !seconds.isEmpty else {
            return ["--profile: a run needs at least two steps, because the first is not recorded"]
        }
        try folder.write(Self.traceName, try ChromeTrace.data(profiler.spans))
        let tables = ProfileTables(profiler.spans, steps: seconds, limits: MachineLimits.measure(), width: width)
        return tables.lines
            + ["every op of these steps: \(folder.path(Self.traceName)) (for chrome://tracing or ui.perfetto.dev)"]
    }
}
