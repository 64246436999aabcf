import CKernels
import KitCore

/// Convolutions in which each channel has its own kernel: weight [channels, time, height, width, 1].
struct DepthwiseConvolution: ConvolutionMethod {
    let window: Window
    let channels: Int

    func apply(_ input: Tensor, _ weight: Tensor, _ bias: Tensor?, into output: Tensor) {
        let source = Source(input)
        let (w, b, y) = (weight.pointer, bias?.pointer, output.elements)
        Tiles(window.forward, window.batch, channels).forEach { tile, scratch in
            source.withKernelArguments(tile) { dk_active.pointee.depthwise(tile, $0, $1, w, false, b, y, scratch) }
        }
        withExtendedLifetime((source, weight, bias, output)) {}
    }

    func inputGradient(_ outputGradient: Tensor, _ weight: Tensor, into inputGradient: Tensor) {
        let (dy, w, dx) = (outputGradient.elements, weight.pointer, inputGradient.elements)
        Tiles(window.backward, window.batch, channels).forEach { tile, scratch in
            dk_active.pointee.depthwise(tile, dy, nil, w, true, nil, dx, scratch)
        }
        withExtendedLifetime((outputGradient, weight, inputGradient)) {}
    }

    func weightGradient(_ input: Tensor, _ outputGradient: Tensor, into weightGradient: Tensor) {
        let tiles = Tiles(window.forward, window.batch, channels)
        let taps = window.taps
        // A partial sum [channels, taps] for each sample and band of rows.
        let parts = window.batch * tiles.bands
        let partial = Storage(count: parts * channels * taps)
        let source = Source(input)
        let (dy, sums) = (outputGradient.elements, partial.pointer)
        tiles.forEach { tile, scratch in
            let part = tile.pointee.sample * tiles.bands + tile.pointee.first_row / tiles.bandRows
            source.withKernelArguments(tile) {
                dk_active.pointee.depthwise_weights(
                    tile, $0, $1, dy, sums + (part * channels + tile.pointee.first_channel) * taps, scratch)
            }
        }
        ColumnSums.add(sums, count: parts, of: channels * taps, into: weightGradient.pointer)
        withExtendedLifetime((source, outputGradient, weightGradient, partial)) {}
    }

    /// The input of the kernels: values, or the map that computes them.
    private struct Source {
        private let tensor: Tensor
        private let map: ChannelMap?
        private let values: dk_values

        init(_ input: Tensor) {
            map = input.pendingMap
            tensor = map?.source ?? input
            values = tensor.elements
        }

        func withKernelArguments(
            _ tile: UnsafePointer<dk_depthwise_tile>,
            _ body: (dk_values, UnsafePointer<dk_channel_map>?) -> Void
        ) {
            guard let map else { return body(values, nil) }
            withUnsafePointer(to: map.kernelArgument(sample: tile.pointee.sample)) { body(values, $0) }
        }
    }

    /// How the work is split: samples x bands of rows x groups of channels.
    private struct Tiles {
        let window: dk_window
        let batch: Int
        let channels: Int
        let bandRows: Int
        let bands: Int
        private let channelGroup: Int
        private let channelGroups: Int

        /// Floats of input planes that a tile may keep: 512 kB, half of a common second-level cache.
        private static let budget = 1 << 17

        init(_ window: dk_window, _ batch: Int, _ channels: Int) {
            self.window = window
            self.batch = batch
            self.channels = channels
            // Groups of at most 112 channels, as even as possible: wide enough to read whole cache lines.
            let alignment = Int(DK_CHANNEL_ALIGNMENT)
            let vectors = (channels + alignment - 1) / alignment
            let groups = (vectors + 6) / 7
            channelGroup = (vectors + groups - 1) / groups * alignment
            channelGroups = (channels + channelGroup - 1) / channelGroup
            let (height, width) = (window.height, window.width)
            let columns = (width.grid - 1) * width.stride + width.kernel
            let rowsThatFit = Self.budget / (window.time.kernel * columns * channelGroup)
            let most = max(1, (rowsThatFit - height.kernel) / height.stride + 1)
            let bands = (height.grid + most - 1) / most
            bandRows = (height.grid + bands - 1) / bands
            self.bands = (height.grid + bandRows - 1) / bandRows
        }

        func forEach(_ body: (UnsafePointer<dk_depthwise_tile>, UnsafeMutablePointer<Float>) -> Void) {
            ThreadPool.shared.forEach(batch * bands * channelGroups) { index in
                let (first, group) = (index / channelGroups, index % channelGroups * channelGroup)
                let row = first % bands * bandRows
                var tile = dk_depthwise_tile(
                    window: window, channels: channels, first_channel: group,
                    channel_count: min(channelGroup, channels - group), sample: first / bands, first_row: row,
                    row_count: min(bandRows, window.height.grid - row))
                let scratch = Storage(count: dk_depthwise_scratch(&tile))
                body(&tile, scratch.pointer)
                withExtendedLifetime(scratch) {}
            }
        }
    }
}
