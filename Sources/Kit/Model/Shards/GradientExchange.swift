import KitCore
import KitTensor

/// Sums the gradients of a step over all shards in a few large messages. Each is sent as soon as backward has finished
/// with the parameters in it, while backward continues with others.
final class GradientExchange {
    /// The approximate size of a message in bytes: large enough that latency does not matter, small enough to start
    /// early.
    private static let bucketBytes = 8 << 20

    private typealias BucketSum = (bucket: Int, memory: [Tensor], sum: ShardSum<Float>)

    private let parameters: [Tensor]
    private let layout: ShardLayout
    private let processes: any ProcessGroup
    /// The parameters that are sent together, by index. Those that backward reaches first come first.
    private let buckets: [[Int]]
    private let bucketOf: [Int]
    /// The parameters of each bucket that backward has not finished with.
    private var missing: [Set<Int>]
    private var sums: [BucketSum] = []
    private var isBegun: [Bool]

    init(_ parameters: [Tensor], _ layout: ShardLayout, _ processes: any ProcessGroup) {
        (self.parameters, self.layout, self.processes) = (parameters, layout, processes)
        var buckets: [[Int]] = []
        var bytes = Self.bucketBytes
        for (place, parameter) in parameters.enumerated().reversed() {
            if bytes >= Self.bucketBytes { (buckets, bytes) = (buckets + [[]], 0) }
            buckets[buckets.count - 1].append(place)
            bytes += parameter.count * MemoryLayout<Float>.stride
        }
        self.buckets = buckets
        var bucketOf = [Int](repeating: 0, count: parameters.count)
        for (bucket, places) in buckets.enumerated() { for place in places { bucketOf[place] = bucket } }
        self.bucketOf = bucketOf
        missing = buckets.map(Set.init)
        isBegun = buckets.map { _ in false }
    }

    /// Sends the buckets of these parameters last, since the parameters get gradients from elsewhere, too.
    func hold(_ held: [Tensor]) {
        let held = Set(held.map { ObjectIdentifier($0) })
        for (place, parameter) in parameters.enumerated() where held.contains(ObjectIdentifier(parameter)) {
            missing[bucketOf[place]].insert(-1)
        }
    }

    /// Sends the gradients of a process's only shard as they become known.
    func watch(_ gradients: GradientSink) {
        gradients.onLast = { [unowned self, unowned gradients] place in
            let bucket = bucketOf[place]
            missing[bucket].remove(place)
            if missing[bucket].isEmpty { try begin(bucket, [gradients]) }
        }
        gradients.whileWaiting = { [unowned self] in
            for (_, _, sum) in sums { _ = try sum.poll() }
        }
    }

    /// Sends the remaining buckets and waits for all sums.
    ///
    /// - Parameters:
    ///   - shards: the gradients of each shard of this process.
    ///   - isThere: whether each parameter has a gradient on any shard of any process.
    /// - Returns: the gradient of each parameter over all shards; nil where no shard has one.
    func finish(_ shards: [GradientSink], isThere: [Bool]) throws -> [Tensor?] {
        for bucket in buckets.indices where !isBegun[bucket] { try begin(bucket, shards) }
        var result = [Tensor?](repeating: nil, count: parameters.count)
        for (bucket, memory, sum) in sums {
            if !processes.isSingle { try Profiler.span("wait for gradients") { try sum.finish() } }
            var start = 0
            for place in buckets[bucket] {
                let parameter = parameters[place]
                defer { start += parameter.count }
                if isThere[place] {
                    result[place] = try memory[0].slice(axis: 0, start..<start + parameter.count).reshaped(
                        parameter.shape)
                }
            }
        }
        sums = []
        return result
    }

    private func begin(_ bucket: Int, _ shards: [GradientSink]) throws {
        isBegun[bucket] = true
        try Profiler.span("sum of gradients") { sums.append(try sum(bucket, shards)) }
    }

    /// Begins the sum of a bucket.
    private func sum(_ bucket: Int, _ shards: [GradientSink]) throws -> BucketSum {
        let places = buckets[bucket]
        let count = places.reduce(0) { $0 + parameters[$1].count }
        let memory = shards.map { gradients in
            let vector = Tensor(uninitialized: [count])
            var start = 0
            for place in places {
                let size = parameters[place].count
                if let gradient = gradients.take(place) {
                    (vector.pointer + start).update(from: gradient.pointer, count: size)
                } else {
                    (vector.pointer + start).update(repeating: 0, count: size)
                }
                start += size
            }
            return vector
        }
        try MemoryShortage.check()
        let vectors = memory.map { UnsafeMutableBufferPointer(start: $0.pointer, count: count) }
        let sum = try ShardSum(vectors, layout, processes) { sum, other in
            Tensor.add(other.baseAddress!, to: sum.baseAddress!, count: sum.count)
        }
        return (bucket, memory, sum)
    }
}
