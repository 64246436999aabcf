import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(MeanPoolLayer.self) }

/// The layer `Pool` with the mean of each window, for recipes.
struct MeanPoolLayer: Layer {
    static let name = "mean_pool"
    static let summary =
        "The mean under each window of one to three axes between batch and channels, by the extents in 'kernel'."
    static let reference = "PyTorch's nn.AvgPool1d, 2d and 3d."

    @Param(
        "Extents of the window, one for each axis: { time }, { height, width } or { time, height, width }.",
        positional: true)
    var kernel: OneOrMore<Int>
    @Param("Step along each axis, or one number for all; by default the window's extent.", from: .ours)
    var stride: OneOrMore<Int>? = nil
    @Param(
        "Zeros on both sides of each axis, or one number for all, at most half the kernel; they count in the mean.",
        from: .ours)
    var padding: OneOrMore<Int> = OneOrMore([0])

    init() {}

    func validate() throws { _ = try pool() }

    func build(_ random: inout RandomStream) throws -> Module { try pool() }

    private func pool() throws -> Pool { try Pool(.mean, kernel.values, stride, padding) }
}
