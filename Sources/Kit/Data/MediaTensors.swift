import KitCore
import KitMedia
import KitTensor

// Converts between media types and tensors: channels become the last axis, and frames are in 0...1.

extension Tensor {
    /// Frames as [time, height, width, 3] in 0...1.
    public convenience init(_ frames: Frames) {
        self.init(uninitialized: [frames.count, frames.height, frames.width, 3])
        let target = pointer
        frames.values.withUnsafeBufferPointer { source in
            ThreadPool.shared.forEachRange(source.count, grain: 1 << 15) {
                for index in $0 { target[index] = Float(source[index]) / 255 }
            }
        }
    }

    /// Sound as [samples, channels].
    public convenience init(_ waveform: Waveform) {
        self.init(uninitialized: [waveform.count, waveform.channels])
        for channel in 0..<waveform.channels {
            let target = pointer + channel
            for (index, value) in waveform[channel: channel].enumerated() {
                target[index * waveform.channels] = value
            }
        }
    }
}

extension Frames {
    /// From [time, height, width, 3]. Values outside 0...1 are clipped, and NaN becomes 0.
    public init(_ tensor: Tensor) {
        self.init(count: tensor.shape[0], height: tensor.shape[1], width: tensor.shape[2])
        let source = tensor.pointer
        values.withUnsafeMutableBufferPointer { target in
            nonisolated(unsafe) let target = target
            ThreadPool.shared.forEachRange(target.count, grain: 1 << 15) {
                for index in $0 {
                    let value = source[index]
                    target[index] = value > 0 ? UInt8(Swift.min(value, 1) * 255 + 0.5) : 0
                }
            }
        }
    }
}

extension Frames {
    /// One frame from an image, [height, width, 3] or grey [height, width] in 0...1. Values outside are clipped.
    ///
    /// - Parameters:
    ///   - image: the pixels.
    ///   - name: what error messages call the image, such as "option 'image'".
    ///   - stretchesGrey: whether the least value of a grey image becomes black and the greatest white.
    ///   - largestSide: the greatest height and width.
    /// - Throws: `.usage` for other shapes and values that are not finite.
    package init(image: Tensor, name: String, stretchesGrey: Bool = false, largestSide: Int) throws {
        let shape = image.shape
        let isGrey = shape.rank == 2
        guard isGrey || shape.rank == 3 && shape[2] == 3, (1...largestSide).contains(shape[0]),
            (1...largestSide).contains(shape[1])
        else {
            throw KitError.usage(
                "\(name) must be [height, width, 3] or [height, width] with sides of 1 to \(largestSide), "
                    + "but its shape is \(shape)")
        }
        var values = image.values
        guard let least = values.min(), let greatest = values.max(), values.allSatisfy(\.isFinite) else {
            throw KitError.usage("\(name) contains values that are not finite")
        }
        if isGrey {
            if stretchesGrey {
                let range = max(greatest - least, .leastNormalMagnitude)
                values = values.map { ($0 - least) / range }
            }
            values = values.flatMap { [$0, $0, $0] }
        }
        self.init(Tensor(values, [1, shape[0], shape[1], 3]))
    }
}

extension Waveform {
    /// From [samples, channels].
    public init(_ tensor: Tensor, sampleRate: Int) {
        self.init(channels: tensor.shape[1], count: tensor.shape[0], sampleRate: sampleRate)
        let source = tensor.pointer
        for channel in 0..<channels {
            for index in 0..<count { values[channel * count + index] = source[index * channels + channel] }
        }
    }
}
