import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(MaxPoolLayer.self) }

/// The layer `Pool` with the largest value of each window, for recipes.
struct MaxPoolLayer: Layer {
    static let name = "max_pool"
    static let summary =
        "The largest value under each window of one to three axes between batch and channels, by the extents in 'kernel'."
    static let reference = "PyTorch's nn.MaxPool1d, 2d and 3d."

    @Param(
        "Extents of the window, one for each axis: { time }, { height, width } or { time, height, width }.",
        positional: true)
    var kernel: OneOrMore<Int>
    @Param("Step along each axis, or one number for all; by default the window's extent.", from: .ours)
    var stride: OneOrMore<Int>? = nil
    @Param(
        "Positions on both sides of each axis, or one number for all, at most half the kernel; they are never the largest value.",
        from: .ours)
    var padding: OneOrMore<Int> = OneOrMore([0])

    init() {}

    func validate() throws { _ = try pool() }

    func build(_ random: inout RandomStream) throws -> Module { try pool() }

    private func pool() throws -> Pool { try Pool(.max, kernel.values, stride, padding) }
}
