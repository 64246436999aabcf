import CKernels
import KitCore

/// Values that follow from others channel by channel: f(x factor + offset), as a normalisation's do.
///
/// A tensor made of a map has no memory until something needs its values. What can work from x a few rows at a time does so
/// (convolutions), which spares a pass over main memory each time that the values would be written and read: 12 bytes an
/// element. Backward keeps the map, not the values.
struct ChannelMap {
    /// x, [..., channels]; not written to as long as the map is in use.
    let source: Tensor
    let function: Function

    /// f(x factor + offset) without x.
    struct Function {
        let activation: Activation
        /// [samples, channels] each.
        fileprivate let factor: Storage
        fileprivate let offset: Storage
        /// How many rows of x share a factor and an offset.
        fileprivate let rowsOfSample: Int
    }

    init(_ source: Tensor, _ function: Function) {
        self.source = source
        self.function = function
    }

    /// - Parameter factor, offset: one value for each channel, or for each channel of each of equally long runs of rows.
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

    /// Whether all rows share a factor and an offset.
    var hasOneSample: Bool { factor.count == channels }

    /// Whether it is x factor + offset with the same values for all rows.
    var isAffine: Bool { activation == .none && hasOneSample }

    /// Whether it is max(x factor + offset, 0) with the same values for all rows.
    var isRectified: Bool { activation == .relu && hasOneSample }

    /// What a kernel needs to make the values of one run of rows itself.
    func kernelArgument(sample: Int = 0) -> dk_channel_map {
        let first = factor.count > channels ? sample * channels : 0
        return dk_channel_map(
            factor: factor.pointer + first, offset: offset.pointer + first, activation: activation.rawValue)
    }

    /// The values of some rows, one after the other.
    func fill(_ rows: Range<Int>, into result: UnsafeMutablePointer<Float>) {
        var row = rows.lowerBound
        while row < rows.upperBound {
            let sample = row / rowsOfSample
            let end = min(rows.upperBound, (sample + 1) * rowsOfSample)
            let map = kernelArgument(sample: sample)
            dk_active.pointee.normalize(
                source.pointer + row * channels, nil, map.factor, map.offset, map.activation, channels, end - row,
                result + (row - rows.lowerBound) * channels)
            row = end
        }
    }

    /// All values.
    func filled() -> Storage {
        let result = Storage(count: source.count)
        let (to, channels) = (result.pointer, channels)
        ThreadPool.shared.forEachRange(source.count / max(1, channels), grain: ColumnSums.grain(channels)) {
            fill($0, into: to + $0.lowerBound * channels)
        }
        return result
    }

    /// f(y gate), where y are the values of this map, which is affine.
    ///
    /// - Parameter gate: [batch, channels], a factor for each sample.
    func gated(by gate: Tensor, _ activation: Activation) -> ChannelMap {
        precondition(isAffine, "only an affine map can be gated")
        func product(_ vector: Storage) -> [Float] {
            (0..<gate.count).map { gate.pointer[$0] * vector.pointer[$0 % channels] }
        }
        return ChannelMap(source, factor: product(factor), offset: product(offset), activation)
    }

    /// The means of the values over some rows, from the means of x: [..., channels]. The map is affine.
    func map(means: UnsafeMutablePointer<Float>, count: Int) {
        for index in 0..<count {
            means[index] = means[index] * factor.pointer[index % channels] + offset.pointer[index % channels]
        }
    }
}
