import CKernels
import KitCore

/// Gradients that a backward pass leaves here instead of in the tensors' `grad`: each shard of a batch has its own.
public final class GradientSink {
    private let places: [ObjectIdentifier: Int]
    /// The gradient of each tensor, in the order given; nil where none has come.
    public private(set) var gradients: [Tensor?]

    public init(of tensors: [Tensor]) {
        places = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { (ObjectIdentifier($1), $0) })
        gradients = Array(repeating: nil, count: tensors.count)
    }

    /// Adds what another sink for the same tensors has.
    public func add(_ other: GradientSink) {
        for (place, gradient) in other.gradients.enumerated() {
            if let gradient { gradient.accumulated(into: &gradients[place]) }
        }
    }

    /// Takes the gradient of a tensor, unless it is for others.
    fileprivate func take(_ gradient: Tensor, of tensor: Tensor) -> Bool {
        guard let place = places[ObjectIdentifier(tensor)] else { return false }
        gradient.accumulated(into: &gradients[place])
        return true
    }
}

extension Autograd {
    private static let sink = ThreadLocal()

    /// Runs `body`, whose backward passes leave the gradients of the sink's tensors there; those of other tensors go where they
    /// always go. Concerns the calling thread only.
    public static func collecting<Result>(into sink: GradientSink, _ body: () throws -> Result) rethrows -> Result {
        try withExtendedLifetime(sink) {
            try self.sink.with(Unmanaged.passUnretained(sink).toOpaque(), body)
        }
    }

    /// Whether this thread's sink has taken a tensor's gradient.
    static func sinkTakes(_ gradient: Tensor, of tensor: Tensor) -> Bool {
        guard let pointer = sink.pointer else { return false }
        return Unmanaged<GradientSink>.fromOpaque(pointer).takeUnretainedValue().take(gradient, of: tensor)
    }
}

extension Tensor {
    /// sum[i] += other[i], for gradients that are not in tensors of their own.
    package static func add(_ other: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, count: Int) {
        nonisolated(unsafe) let (other, sum) = (other, sum)
        ThreadPool.shared.forEachRange(count, grain: Elementwise.grain) {
            let start = $0.lowerBound
            dk_active.pointee.add(sum + start, 0, 1, other + start, 0, 1, sum + start, 0, 1, $0.count)
        }
    }
}
