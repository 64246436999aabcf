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
