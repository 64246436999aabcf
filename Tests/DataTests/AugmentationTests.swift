import Foundation
import Kit
import Plugins
import TestSupport
import Testing

@Suite struct AugmentationTests {
    private func make<Stage>(_ name: String, _ options: [(String, OptionValue)] = [], as: Stage.Type) throws -> Stage {
        let named = options.map { (key: $0.0, value: $0.1) }
        return try #require(
            try PluginRegistry.shared.make(kind: "augmentation", name: name, options: Options(named: named)) as? Stage)
    }

    private func frames(_ tensor: Tensor) -> ClipFrames {
        ClipFrames(values: tensor.pointer, count: tensor.shape[0], height: tensor.shape[1], width: tensor.shape[2])
    }

    @Test func coloursChangeAsInTorchvision() throws {
        let oracle = try Oracle("augmentations")
        let changes: [(String, (ClipFrames, Float) -> Void)] = [
            ("brightness", { $0.multiplyBrightness(by: $1) }), ("contrast", { $0.multiplyContrast(by: $1) }),
            ("saturation", { $0.multiplySaturation(by: $1) }),
        ]
        for (name, change) in changes {
            try oracle.check(name, within: 1e-6) {
                change(frames($0["x"]), Float(try $0.number("factor"))); return $0["x"]
            }
        }
        try oracle.check("hue", within: 2e-6) {
            frames($0["x"]).turnHue(by: Float(try $0.number("turn"))); return $0["x"]
        }
    }

    @Test func greyFlipAndNormalisationAreTorchvisions() throws {
        let oracle = try Oracle("augmentations")
        var random = RandomStream(seed: 0)
        for name in ["greyscale", "horizontal_flip"] {
            let change = try make(name, [("probability", .int(1))], as: (any FrameAugmentation).self)
            try oracle.check(name, within: 1e-6) {
                try change.apply(to: frames($0["x"]), &random); return $0["x"]
            }
        }
        var settings = ClipSettings()
        (settings.mean, settings.deviation) = ([0.45, 0.4, 0.5], [0.225, 0.2, 0.25])
        try oracle.check("normalise", within: 1e-6) {
            let x = $0["x"]
            settings.normalise(frames: x.pointer, count: x.count)
            return x
        }
    }

    @Test func blurAndErasedPartsAreTorchvisions() throws {
        let oracle = try Oracle("augmentations")
        try oracle.check("gaussian_blur", within: 1e-6) {
            frames($0["x"]).blur(side: try $0.int("side"), sigma: try $0.number("sigma")); return $0["x"]
        }
        try oracle.check("fill", within: 1e-6) { each in
            let region = try each.ints("region").map(Double.init)
            frames(each["x"]).fill(
                FrameRegion(x: region[0], y: region[1], width: region[2], height: region[3]), with: 0.3)
            return each["x"]
        }
    }

    @Test func blurWithTheSameBoundsIsOne() throws {
        let blur = try make(
            "gaussian_blur",
            [("min", .number(0.8)), ("max", .number(0.8)), ("kernel", .number(0.5)), ("probability", .int(1))],
            as: (any FrameAugmentation).self)
        let (one, other) = (
            Pattern.tensor("blur", [2, 12, 12, 3], 0, 1), Pattern.tensor("blur", [2, 12, 12, 3], 0, 1)
        )
        var random = RandomStream(seed: 1)
        try blur.apply(to: frames(one), &random)
        // Half of 12 pixels, made odd.
        frames(other).blur(side: 7, sigma: 0.8)
        #expect(one.values == other.values)
    }

    @Test func erasedPartsAreDistributedAsTorchvisions() throws {
        for each in try Oracle("augmentations").cases("random_erasing") {
            let names = ["min_area", "max_area", "min_ratio", "max_ratio"]
            let erase = try make(
                "random_erasing",
                names.map { ($0, .number(try each.number($0))) } + [("probability", .int(1)), ("fill", .int(1))],
                as: (any FrameAugmentation).self)
            let (height, width) = (40, 56)
            var random = RandomStream(seed: 5)
            var sums = [Double](repeating: 0, count: 4)
            var squares = sums
            var count = 0.0
            for _ in 0..<20000 {
                let clip = Tensor.zeros([1, height, width, 3])
                try erase.apply(to: frames(clip), &random)
                let values = clip.values
                guard let first = values.firstIndex(of: 1), let last = values.lastIndex(of: 1) else { continue }
                let (top, left) = (first / 3 / width, first / 3 % width)
                let (tall, wide) = (last / 3 / width - top + 1, last / 3 % width - left + 1)
                #expect(values.count { $0 == 1 } == tall * wide * 3)
                count += 1
                for (index, value) in [
                    Double(tall * wide) / Double(height * width), log(Double(wide) / Double(tall)),
                    Double(left) / Double(width), Double(top) / Double(height),
                ].enumerated() {
                    sums[index] += value
                    squares[index] += value * value
                }
            }
            #expect(count > 19000)
            let mean = sums.map { $0 / count }
            let deviation = zip(squares, mean).map { max(0, $0 / count - $1 * $1).squareRoot() }
            each.expect(Tensor(mean.map(Float.init), [4]), "mean", within: 0.03)
            each.expect(Tensor(deviation.map(Float.init), [4]), "deviation", within: 0.03)
        }
    }

    @Test func masksLieWhereTorchaudioPutsThem() throws {
        let oracle = try Oracle("augmentations")
        try oracle.check("spec_augment", within: 1e-6) { each in
            let x = each["x"]
            let spectrogram = ClipSpectrogram(values: x.pointer, time: 11, mel: 9, channels: 2)
            let isTime = try each.string("axis") == "time"
            let masked = ClipSpectrogram.maskRange(
                of: isTime ? 11 : 9, upTo: try each.int("limit"), widthDraw: try each.number("width_draw"),
                startDraw: try each.number("start_draw"))
            spectrogram.fill(frames: isTime ? masked : 0..<11, bands: isTime ? 0..<9 : masked, with: 0)
            return x
        }
    }

    @Test func resizedCropsAreDistributedAsTorchvisions() throws {
        let oracle = try Oracle("augmentations")
        for each in try oracle.cases("random_resized_crop") {
            let names = ["min_area", "max_area", "min_ratio", "max_ratio"]
            let crop = try make(
                "random_resized_crop", names.map { ($0, .number(try each.number($0))) },
                as: (any RegionAugmentation).self)
            let frame = FrameSize(width: try each.int("width"), height: try each.int("height"))
            let (width, height) = (Double(frame.width), Double(frame.height))
            var random = RandomStream(seed: 5)
            let count = 20000
            var sums = [Double](repeating: 0, count: 4)
            var squares = sums
            for _ in 0..<count {
                let region = crop.region(of: frame, size: 224, &random)
                #expect(region.x >= 0 && region.y >= 0 && region.width >= 1 && region.height >= 1)
                #expect(region.x + region.width <= width && region.y + region.height <= height)
                let values = [
                    region.width * region.height / (width * height), log(region.width / region.height),
                    region.x / width, region.y / height,
                ]
                for (index, value) in values.enumerated() {
                    sums[index] += value
                    squares[index] += value * value
                }
            }
            let mean = sums.map { $0 / Double(count) }
            let deviation = zip(squares, mean).map { max(0, $0 / Double(count) - $1 * $1).squareRoot() }
            each.expect(Tensor(mean.map(Float.init), [4]), "mean", within: 0.02)
            each.expect(Tensor(deviation.map(Float.init), [4]), "deviation", within: 0.02)
        }
    }

    @Test func cropsOfAFixedZoomAreSquaresInsideThePicture() throws {
        let crop = try make(
            "random_crop", [("min", .int(2)), ("max", .int(2))], as: (any RegionAugmentation).self)
        var random = RandomStream(seed: 1)
        var seen: (x: ClosedRange<Double>, y: ClosedRange<Double>) = (1000...1000, 1000...1000)
        for _ in 0..<2000 {
            let region = crop.region(of: FrameSize(width: 320, height: 180), size: 224, &random)
            #expect(region.width == 90 && region.height == 90)
            seen.x = min(seen.x.lowerBound, region.x)...max(seen.x.lowerBound == 1000 ? 0 : seen.x.upperBound, region.x)
            seen.y = min(seen.y.lowerBound, region.y)...max(seen.y.lowerBound == 1000 ? 0 : seen.y.upperBound, region.y)
        }
        #expect(seen.x.lowerBound >= 0 && seen.x.lowerBound < 2 && (228...230).contains(seen.x.upperBound))
        #expect(seen.y.lowerBound >= 0 && seen.y.lowerBound < 2 && (88...90).contains(seen.y.upperBound))
    }

    @Test func jitterChangesAllPicturesOfAClipAlike() throws {
        let jitter = try make("colour_jitter", [("probability", .int(1))], as: (any FrameAugmentation).self)
        let one = Pattern.tensor("picture", [1, 6, 6, 3], 0, 1)
        let clip = Tensor(one.values + one.values, [2, 6, 6, 3])
        var changed: Set<[Float]> = []
        for seed in 0..<20 {
            let copy = clip.copied()
            var random = RandomStream(seed: seed)
            try jitter.apply(to: frames(copy), &random)
            #expect(Array(copy.values.prefix(108)) == Array(copy.values.suffix(108)))
            #expect(copy.values.allSatisfy { (0...1).contains($0) })
            changed.insert(copy.values)
        }
        #expect(changed.count == 20 && !changed.contains(clip.values))
    }

    @Test func gainIsWithinItsBoundsAndAlikeInBothChannels() throws {
        let gain = try make("gain", [("min", .int(-12)), ("max", .int(6))], as: (any WaveformAugmentation).self)
        let sound = Waveform(channels: 2, count: 3, sampleRate: 8000, values: [0.5, -0.25, 1, 0.5, -0.25, 1])
        var decibels: [Double] = []
        for seed in 0..<500 {
            var copy = sound
            var random = RandomStream(seed: seed)
            try gain.apply(to: &copy, &random)
            #expect(copy.values[0] == copy.values[3] && copy.values[1] == -0.5 * copy.values[0])
            decibels.append(20 * log10(Double(copy.values[2])))
        }
        #expect(decibels.allSatisfy { (-12.001...6.001).contains($0) })
        #expect(decibels.min()! < -11.5 && decibels.max()! > 5.5)
    }

    @Test func masksTakeTheMeanAndKeepTheRest() throws {
        let mask = try make("spec_augment", as: (any SpectrogramAugmentation).self)
        let clean = Pattern.tensor("spectrogram", [280, 96, 2], -10, 5)
        let mean = Float(clean.values.reduce(0.0) { $0 + Double($1) } / Double(clean.count))
        var shares: [Double] = []
        for seed in 0..<50 {
            let copy = clean.copied()
            var random = RandomStream(seed: seed)
            try mask.apply(to: ClipSpectrogram(values: copy.pointer, time: 280, mel: 96, channels: 2), &random)
            let changed = zip(copy.values, clean.values).filter { $0 != $1 }
            #expect(changed.allSatisfy { $0.0 == mean })
            shares.append(Double(changed.count) / Double(clean.count))
        }
        #expect(shares.max()! < 0.5 && shares.reduce(0, +) / 50 > 0.1)
    }

    @Test func badParametersAreRefused() {
        for (name, options) in [
            ("gain", [("min", 3.0), ("max", -3)]), ("random_crop", [("min", 2), ("max", 1.5)]),
            ("random_resized_crop", [("min_area", 0.9), ("max_area", 0.5)]),
            ("random_erasing", [("min_ratio", 3), ("max_ratio", 0.5)]),
            ("gaussian_blur", [("min", 3), ("max", 2)]),
        ] {
            #expect { try make(name, options.map { ($0.0, .number($0.1)) }, as: (any Augmentation).self) } throws: {
                "\($0)".hasPrefix("kit.augmentation.\(name): option 'min") && "\($0)".contains("must be at most")
            }
        }
    }
}
