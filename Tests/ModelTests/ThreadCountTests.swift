import Kit
import Plugins
import TestSupport
import Testing

/// The same bits at any thread count. Changes a global setting, so nothing may run at the same time.
@Suite(.serialized, .alone("the number of threads")) struct ThreadCountTests {
    private func withEachThreadCount<Value: Equatable>(_ body: () throws -> Value) throws {
        let before = ThreadPool.shared.threadCount
        defer { ThreadPool.shared.threadCount = before }
        var first: Value?
        for threads in [1, 2, 3] {
            ThreadPool.shared.threadCount = threads
            let value = try body()
            if let first { #expect(first == value, "with \(threads) threads") } else { first = value }
        }
    }

    @Test func lossAndGradient() throws {
        let plugin = try PluginRegistry.shared.make(kind: "loss", name: "nt_xent", options: Options())
        let loss = try #require(plugin as? any Loss)
        try withEachThreadCount {
            let (a, b) = (Pattern.tensor("threads/a", [300, 33]), Pattern.tensor("threads/b", [300, 33]))
            a.requiresGrad = true
            b.requiresGrad = true
            let value = try loss.callAsFunction(a, b)
            try value.backward()
            return try value.values + #require(a.grad).values + #require(b.grad).values
        }
    }

    @Test(arguments: ["sgd", "lars", "adamw"]) func optimizer(_ name: String) throws {
        let plugin = try PluginRegistry.shared.make(kind: "optimizer", name: name, options: Options())
        let optimizer = try #require(plugin as? any Optimizer)
        try withEachThreadCount {
            let tensors = [("a", Pattern.tensor("a", [300, 500])), ("b", Pattern.tensor("b", [7]))]
            for (name, tensor) in tensors { tensor.grad = Pattern.tensor("\(name)/gradient", tensor.shape) }
            let stepper = try optimizer.stepper(for: tensors.map { (name: $0.0, tensor: $0.1) })
            for _ in 0..<3 { try stepper.step(rate: 0.1) }
            return tensors.flatMap(\.1.values)
        }
    }
}
