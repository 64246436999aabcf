import CKernels
import KitCore

/// Collects the gradients of backward passes, which otherwise go to the tensors' `grad`. Each shard of a batch has its
/// own sink.
public final class GradientSink {
    private let places: [ObjectIdentifier: Int]
    /// The gradient of each tensor, in the order given; nil where there is none.
    public private(set) var gradients: [Tensor?]
    /// Called with a tensor's index when a backward pass has finished with its gradient.
    public var onLast: ((_ place: Int) throws -> Void)?
    /// Called between the ops of a backward pass.
    public var whileWaiting: (() throws -> Void)?

    public init(of tensors: [Tensor]) {
        places = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { (ObjectIdentifier($1), $0) })
        gradients = Array(repeating: nil, count: tensors.count)
        isThere = Array(repeating: false, count: tensors.count)
    }

    /// Which tensors have a gradient; `take` does not change that.
    public private(set) var isThere: [Bool]

    /// Removes a gradient and returns it.
    public func take(_ place: Int) -> Tensor? {
        defer { gradients[place] = nil }
        return gradients[place]
    }

    /// Adds the gradients of another sink for the same tensors.
    public func add(_ other: GradientSink) {
        for (place, gradient) in other.gradients.enumerated() {
            if let gradient { add(gradient, at: place) }
        }
    }

    /// Adds the gradient of a tensor. Returns false if the tensor is not one of this sink's.
    fileprivate func take(_ gradient: Tensor, of tensor: Tensor) -> Bool {
        guard let place = places[ObjectIdentifier(tensor)] else { return false }
        add(gradient, at: place)
        return true
    }

    private func add(_ gradient: Tensor, at place: Int) {
        gradient.accumulated(into: &gradients[place])
        isThere[place] = true
    }

    fileprivate func finish(_ tensor: Tensor) throws {
        if let onLast, let place = places[ObjectIdentifier(tensor)] { try onLast(place) }
    }
}

extension Autograd {
    private static let sink = ThreadLocal()

    /// Runs `body`. Its backward passes put the gradients of the sink's tensors into the sink; other gradients go where
    /// they always go. Affects the calling thread only.
    public static func collecting<Result>(into sink: GradientSink, _ body: () throws -> Result) rethrows -> Result {
        try withExtendedLifetime(sink) {
            try self.sink.with(Unmanaged.passUnretained(sink).toOpaque(), body)
        }
    }

    /// The sink of the calling thread.
    private static var current: GradientSink? {
        sink.pointer.map { Unmanaged<GradientSink>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Whether this thread's sink has taken a tensor's gradient.
    static func sinkTakes(_ gradient: Tensor, of tensor: Tensor) -> Bool {
        current?.take(gradient, of: tensor) ?? false
    }

    /// Tells this thread's sink that an op has passed its gradients on.
    ///
    /// - Parameter finished: a tensor whose gradient is final.
    static func tellSink(_ finished: Tensor?) throws {
        guard let sink = current else { return }
        if let finished { try sink.finish(finished) }
        try sink.whileWaiting?()
    }
}

extension Tensor {
    /// sum[i] += other[i], for gradients that are not tensors of their own.
    package static func add(_ other: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, count: Int) {
        nonisolated(unsafe) let (other, sum) = (other, sum)
        ThreadPool.shared.forEachRange(count, grain: Elementwise.grain) {
            let start = $0.lowerBound
            dk_active.pointee.add(sum + start, 0, 1, other + start, 0, 1, sum + start, 0, 1, $0.count)
        }
    }
}
