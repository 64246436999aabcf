import CKernels
import KitCore

/// Values that are computed from others channel by channel, f(x factor + offset), as in a normalisation.
///
/// A tensor made from a map has no memory until something needs its values. Ops that can compute them from x a few rows
/// at a time, such as convolutions, do so. This saves writing and reading the values in main memory: 12 bytes per
/// element, 6 in bfloat16. For backward, the map is kept instead of the values. They have the type of x: if that is
/// bfloat16, they are rounded.
struct ChannelMap {
    /// x, [..., channels]. It must not change while the map is in use.
    let source: Tensor
    let function: Function

    /// f(x factor + offset) without x.
    struct Function {
        let activation: Activation
        /// [samples, channels] each.
        fileprivate let factor: Storage
        fileprivate let offset: Storage
        /// The number of rows of x that share factors and offsets.
        fileprivate let rowsOfSample: Int
    }

    init(_ source: Tensor, _ function: Function) {
        self.source = source
        self.function = function
    }

    /// - Parameter factor, offset: one value for each channel, or one for each channel of every run of rows, all of
    ///   equal length.
    init(_ source: Tensor, factor: [Float], offset: [Float], _ activation: Activation) {
        let channels = max(1, source.shape[-1])
        precondition(factor.count == offset.count && factor.count % channels == 0, "a value for each channel")
        self.init(
            source,
            Function(
                activation: activation, factor: Storage(factor), offset: Storage(offset),
                rowsOfSample: source.count / max(1, factor.count)))
    }

    var activation: Activation { function.activation }
    private var factor: Storage { function.factor }
    private var offset: Storage { function.offset }
    private var rowsOfSample: Int { function.rowsOfSample }
    private var channels: Int { source.shape[-1] }

    /// Whether all rows share factors and offsets.
    var hasOneSample: Bool { factor.count == channels }

    /// Whether it is x factor + offset, with the same factors and offsets for all rows.
    var isAffine: Bool { activation == .none && hasOneSample }

    /// What a kernel needs to compute the values of one run of rows.
    func kernelArgument(sample: Int = 0) -> dk_channel_map {
        let first = factor.count > channels ? sample * channels : 0
        return dk_channel_map(
            factor: factor.pointer + first, offset: offset.pointer + first, activation: activation.rawValue)
    }

    /// The values of some rows, one after the other, in the type of x.
    func fill(_ rows: Range<Int>, into result: dk_values) {
        let x = source.elements
        var row = rows.lowerBound
        while row < rows.upperBound {
            let sample = row / rowsOfSample
            let end = min(rows.upperBound, (sample + 1) * rowsOfSample)
            let map = kernelArgument(sample: sample)
            dk_active.pointee.normalize(
                x.from(row * channels), nil, map.factor, map.offset, map.activation, channels, end - row,
                result.from((row - rows.lowerBound) * channels))
            row = end
        }
    }

    /// All values, if x is float32.
    func filled() -> Storage {
        let result = Storage(count: source.count)
        fillAll(into: dk_values(result.pointer))
        return result
    }

    /// All values, if x is bfloat16.
    func filledNarrow() -> NarrowStorage {
        let result = NarrowStorage(count: source.count)
        fillAll(into: dk_values(result.pointer))
        return result
    }

    private func fillAll(into result: dk_values) {
        source.settle()
        let channels = channels
        ThreadPool.shared.forEachRange(source.count / max(1, channels), grain: ColumnSums.grain(channels)) {
            fill($0, into: result.from($0.lowerBound * channels))
        }
    }

    /// f(y gate), where y are the values of this map, which must be affine.
    ///
    /// - Parameter gate: [batch, channels], a factor for each sample.
    func gated(by gate: Tensor, _ activation: Activation) -> ChannelMap {
        precondition(isAffine, "only an affine map can be gated")
        func product(_ vector: Storage) -> [Float] {
            (0..<gate.count).map { gate.pointer[$0] * vector.pointer[$0 % channels] }
        }
        return ChannelMap(source, factor: product(factor), offset: product(offset), activation)
    }

    /// The means of the values over some rows, from the means of x: [..., channels]. The map must be affine.
    func map(means: UnsafeMutablePointer<Float>, count: Int) {
        for index in 0..<count {
            means[index] = means[index] * factor.pointer[index % channels] + offset.pointer[index % channels]
        }
    }
}
