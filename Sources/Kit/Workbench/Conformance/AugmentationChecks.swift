import KitCore
import KitData
import KitMedia
import KitTensor

extension ConformanceCheck {
    static let augmentationChanges = ConformanceCheck(
        "changes",
        "The same random numbers change a clip in the same way, whatever was changed before, and all values stay finite."
    ) { subject in
        guard subject.declaration.type is any Augmentation.Type, subject.isComplete else { return nil }
        let (plugin, fresh) = (try subject.make(), try subject.make())
        var faults: [String] = []
        for seed in 0..<4 {
            let once = try changed(by: plugin, seed)
            if try once != changed(by: plugin, seed) { faults.append("the same random numbers give different changes") }
            if !once.allSatisfy(\.isFinite) { faults.append("a value is not finite") }
        }
        // Each thread that reads clips has one of its own, and clips come to them in any order.
        if try changed(by: plugin, 9) != changed(by: fresh, 9) {
            faults.append("what it does to a clip depends on earlier clips: draw everything from the given stream")
        }
        return faults
    }

    /// The result of an augmentation on a small clip, as numbers.
    private static func changed(by plugin: any Plugin, _ seed: Int) throws -> [Float] {
        var (draw, random) = (RandomStream(seed: 9), RandomStream(seed: seed))
        switch plugin {
        case let stage as any RegionAugmentation:
            let frame = FrameSize(width: 80, height: 60)
            let region = stage.region(of: frame, size: 32, &random)
            guard region.x >= 0, region.y >= 0, region.width > 0, region.height > 0,
                region.x + region.width <= 80.001, region.y + region.height <= 60.001
            else { throw KitError.usage("a region of \(region) is not inside a frame of 80 x 60") }
            return [region.x, region.y, region.width, region.height].map(Float.init)
        case let stage as any FrameAugmentation:
            let x = Tensor.uniform([3, 16, 20, 3], 0, 1, &draw)
            try stage.apply(to: ClipFrames(values: x.pointer, count: 3, height: 16, width: 20), &random)
            return x.values
        case let stage as any WaveformAugmentation:
            let values = Tensor.uniform([2, 4800], -0.5, 0.5, &draw).values
            var waveform = Waveform(channels: 2, count: 4800, sampleRate: 48_000, values: values)
            try stage.apply(to: &waveform, &random)
            guard waveform.channels == 2, waveform.count == 4800 else {
                throw KitError.usage("a sound of [2, 4800] became [\(waveform.channels), \(waveform.count)]")
            }
            return waveform.values
        case let stage as any SpectrogramAugmentation:
            let x = Tensor.uniform([60, 40, 2], -8, 2, &draw)
            try stage.apply(to: ClipSpectrogram(values: x.pointer, time: 60, mel: 40, channels: 2), &random)
            return x.values
        default: throw KitError(.internalFault, "it does not belong to any stage of a clip's preparation")
        }
    }
}
