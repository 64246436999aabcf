import KitCore
import KitTensor

/// The shards of one process, which make a step together.
public final class ShardTeam: @unchecked Sendable {
    public let layout: ShardLayout
    public let processes: any ProcessGroup
    /// The trained tensors, whose gradients are summed over all shards.
    let parameters: [Tensor]
    private(set) var random = StepRandom.Streams()
    private var threads: ShardThreads?
    private var shards: [Shard] = []
    private var exchange: GradientExchange?
    var firstShard: Shard? { shards.first }

    public init(_ layout: ShardLayout, _ processes: any ProcessGroup, parameters: [Tensor]) {
        (self.layout, self.processes, self.parameters) = (layout, processes, parameters)
    }

    /// Runs `body` for each shard of this process.
    ///
    /// - Parameters:
    ///   - batch: the number of rows of the whole batch.
    ///   - body: the work of a step on one shard; it may meet the other shards.
    /// - Returns: the results of `body`, in the order of the shards.
    public func run<Value>(batch: Int, _ body: (Shard) throws -> Value) throws -> [Value] {
        guard batch >= layout.shards else {
            throw KitError.usage(
                "a batch of \(counted(batch, "clip")) cannot be cut into \(counted(layout.shards, "shard"))")
        }
        random = StepRandom.current
        shards = layout.own.map { Shard($0, rows: layout.rows(of: $0..<$0 + 1, in: batch), of: batch, self) }
        defer { (shards, threads, exchange) = ([], nil, nil) }
        func work(_ index: Int) throws -> Value {
            let shard = shards[index]
            return try Shard.$current.withValue(shard) {
                try Autograd.collecting(into: shard.gradients) { try body(shard) }
            }
        }
        let values: [Value]
        let exchange = GradientExchange(parameters, layout, processes)
        self.exchange = exchange
        if shards.count == 1 {
            exchange.watch(shards[0].gradients)
            values = [try work(0)]
        } else {
            threads = ShardThreads(shards.count)
            values = try withoutActuallyEscaping(work) { work in try threads!.run(work) }
        }
        try moveBuffers()
        try sumGradients(exchange)
        return values
    }

    /// Waits until all shards of this process have reached the same point; the last one runs `body` for all of them.
    func meet<Part, Value>(_ shard: Shard, _ label: String, _ part: Part, _ body: ([Part]) throws -> Value) throws
        -> Value
    {
        guard let threads else { return try body([part]) }
        return try threads.meet(shard.index - layout.own.lowerBound, label, part, body)
    }

    /// Sends the gradients of these tensors last if they are trained, since an op that does not consume them adds to
    /// them.
    func hold(_ tensors: [Tensor]) { exchange?.hold(tensors) }

    /// Runs an exchange with the other processes. Profiles show it apart from the op that needs it.
    func exchanging<Value>(_ body: () throws -> Value) rethrows -> Value {
        try processes.isSingle ? body() : Profiler.part("exchange with other processes", body)
    }

    /// Sums vectors over all shards of all processes, given one for each shard of this process.
    package func sum(
        _ vectors: [[Double]], grain: Int = 1, add: ShardSum<Double>.Add? = nil
    ) throws -> [Double] {
        let count = vectors[0].count
        let memory = UnsafeMutableBufferPointer<Double>.allocate(capacity: count * vectors.count)
        defer { memory.deallocate() }
        let parts = vectors.enumerated().map { index, vector in
            let part = ShardSum<Double>.Vector(rebasing: memory[index * count..<(index + 1) * count])
            _ = part.update(fromContentsOf: vector)
            return part
        }
        try exchanging { try ShardSum(parts, layout, processes, grain: grain, add: add ?? Self.addNumbers).finish() }
        return Array(parts[0])
    }

    /// Sums tensors of one shape over all shards of all processes. The sum overwrites the first one.
    func sum(_ tensors: [Tensor]) throws -> Tensor {
        let vectors = tensors.map { UnsafeMutableBufferPointer(start: $0.pointer, count: $0.count) }
        try exchanging {
            try ShardSum(vectors, layout, processes) { sum, other in
                Tensor.add(other.baseAddress!, to: sum.baseAddress!, count: sum.count)
            }.finish()
        }
        withExtendedLifetime(tensors) {}
        return tensors[0]
    }

    private static func addNumbers(_ sum: ShardSum<Double>.Vector, _ other: ShardSum<Double>.Vector) {
        for index in sum.indices { sum[index] += other[index] }
    }

    /// Sets the `grad` of each parameter to its gradient over all shards; nil if no shard has one.
    private func sumGradients(_ exchange: GradientExchange) throws {
        let sinks = shards.map(\.gradients)
        let isThere = try sum(sinks.map { sink in sink.isThere.map { $0 ? 1 : 0 } }).map { $0 > 0 }
        for (parameter, gradient) in zip(parameters, try exchange.finish(sinks, isThere: isThere)) {
            parameter.grad = gradient
        }
    }

    /// Updates running statistics with those of the shards' chunks, in the order of the batch.
    private func moveBuffers() throws {
        let count = shards[0].movedBuffers.count
        guard count > 0 else { return }
        let all = try gather(shards.map { shard in shard.movedBuffers.flatMap { $0.mean + $0.variance } })
        for numbers in all {
            var start = 0
            for moved in shards[0].movedBuffers {
                let width = moved.mean.count
                moved.count()
                moved.move(
                    Array(numbers[start..<start + width]), Array(numbers[start + width..<start + 2 * width]))
                start += 2 * width
            }
        }
    }

    /// Gathers the numbers of each shard of all processes. Shards may have different counts.
    func gather(_ own: [[Double]]) throws -> [[Double]] {
        let counts = own.map { Double($0.count) }
        let bytes = (counts + own.flatMap { $0 }).withUnsafeBytes { Array($0) }
        return try exchanging { try processes.gather(bytes) }.flatMap { bytes in
            let numbers = bytes.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
            var start = own.count
            return numbers.prefix(own.count).map { count in
                defer { start += Int(count) }
                return Array(numbers[start..<start + Int(count)])
            }
        }
    }
}
